package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.fuzz.FuzzTarget;
import dev.varve.compression.fuzz.Fuzzing;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SymbolFuzzTest {
  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "VECTOR"})
  void answersWhateverTheBytesAre(Backend backend) {
    Fuzzing.run(new Target(backend), System.nanoTime(), 6_000);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "VECTOR"})
  void answersWhateverTheBytesAreForMinutes(Backend backend) {
    Fuzzing.run(new Target(backend), System.nanoTime(), 600_000);
  }

  @ParameterizedTest
  @EnumSource(names = {"SCALAR", "VECTOR"})
  void answersWhatWasOnceTooMuch(Backend backend) {
    assertThat(Fuzzing.replay(new Target(backend))).isPositive();
  }

  /** Reads a stream of symbols; how many are expected stands in front of it. */
  private static final class Target implements FuzzTarget {
    private static final int FRONT = 4;
    private static final int MOST = 40_000;
    private static final byte GUARD = (byte) 0xa5;

    private final SymbolReader reader;
    private final SymbolWriter writer = new SymbolWriter(Backend.SCALAR);

    Target(Backend backend) {
      this.reader = new SymbolReader(backend);
    }

    @Override
    public String name() {
      return "symbols";
    }

    @Override
    public List<byte[]> sound() {
      List<byte[]> inputs = new ArrayList<>();
      SplittableRandom random = new SplittableRandom(1);
      for (int count : new int[] {0, 16, 2_048, 9_600, 32_768}) {
        for (int levels : new int[] {1, 3, 16, 200}) {
          for (int runs : new int[] {1, 16}) {
            inputs.add(stream(count, levels, runs, random));
          }
        }
      }
      return inputs;
    }

    private byte[] stream(int count, int levels, int runs, SplittableRandom random) {
      byte[] symbols = new byte[count];
      for (int i = 0; i < count; i++) {
        int width = 1 + i / Math.max(1, count / runs) % levels;
        symbols[i] = (byte) Math.min(random.nextInt(width), random.nextInt(width));
      }
      MemorySegment target = Arena.ofAuto().allocate(SymbolWriter.maxBytes(count) + FRONT);
      target.set(StreamDescriptor.SHORT, 0, (short) count);
      target.set(StreamDescriptor.SHORT, 2, (short) runs);
      int bytes = writer.write(symbols, count, runs, target.asSlice(FRONT));
      return target.asSlice(0, FRONT + bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void reseal(byte[] input) {
      // streams have no checksums; the expected numbers follow the claimed ones
      if (input.length >= FRONT + StreamDescriptor.HEADER_LENGTH) {
        System.arraycopy(input, FRONT + StreamDescriptor.SYMBOLS_OFFSET, input, 0, 2);
        System.arraycopy(input, FRONT + StreamDescriptor.RUNS_OFFSET, input, 2, 2);
      }
    }

    @Override
    public long read(byte[] input) {
      if (input.length >= FRONT) {
        MemorySegment bytes = MemorySegment.ofArray(input).asReadOnly();
        int count = Math.min(MOST, Short.toUnsignedInt(bytes.get(StreamDescriptor.SHORT, 0)));
        int runs = Math.max(1, Short.toUnsignedInt(bytes.get(StreamDescriptor.SHORT, 2)));
        count -= count % runs;
        byte[] symbols = new byte[count + 64];
        Arrays.fill(symbols, GUARD);
        reader.read(bytes.asSlice(FRONT), symbols, count, runs);
        for (int i = count; i < symbols.length; i++) {
          if (symbols[i] != GUARD) {
            throw new AssertionError("symbol %d of %d was written".formatted(i, count));
          }
        }
      }
      return (24L << 20) + 64L * (input.length + MOST);
    }
  }
}

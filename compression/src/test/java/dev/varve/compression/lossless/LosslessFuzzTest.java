package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.fuzz.FuzzTarget;
import dev.varve.compression.fuzz.Fuzzing;
import dev.varve.compression.fuzz.Guarded;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class LosslessFuzzTest {
  @ParameterizedTest
  @EnumSource
  void answersWhateverTheBytesAre(ElementKind kind) {
    Fuzzing.run(new Target(kind), System.nanoTime(), 2_000);
  }

  @Tag("slow")
  @ParameterizedTest
  @EnumSource
  void answersWhateverTheBytesAreForMinutes(ElementKind kind) {
    Fuzzing.run(new Target(kind), System.nanoTime(), 200_000);
  }

  @ParameterizedTest
  @EnumSource
  void answersWhatWasOnceTooMuch(ElementKind kind) {
    assertThat(Fuzzing.replay(new Target(kind))).isPositive();
  }

  /** Decodes a section whose number of tokens is the first byte. */
  private static final class Target implements FuzzTarget {
    private static final int HEADS = 2;
    private static final int DIM = 24;
    private static final int MOST_TOKENS = 64;

    private final ElementKind kind;
    private final LosslessSection section;

    Target(ElementKind kind) {
      this.kind = kind;
      this.section = new LosslessSection(kind, HEADS, DIM, MOST_TOKENS, Backend.SCALAR);
    }

    @Override
    public String name() {
      return "lossless";
    }

    @Override
    public List<byte[]> sound() {
      List<byte[]> inputs = new ArrayList<>();
      SplittableRandom random = new SplittableRandom(1);
      for (int tokens : new int[] {0, 1, 9, MOST_TOKENS, -9, -MOST_TOKENS}) {
        inputs.add(sound(Math.abs(tokens), tokens < 0, random));
      }
      return inputs;
    }

    private byte[] sound(int tokens, boolean repeating, SplittableRandom random) {
      int rowBytes = DIM * kind.bytes();
      MemorySegment rows = Arena.ofAuto().allocate((long) MOST_TOKENS * rowBytes);
      for (long i = 0; i < rows.byteSize(); i++) {
        int number = random.nextInt(8) * random.nextInt(8);
        rows.set(ValueLayout.JAVA_BYTE, i, (byte) number);
      }
      for (int token = 3; token < MOST_TOKENS && repeating; token++) {
        long from = random.nextInt(3) * (long) rowBytes;
        MemorySegment.copy(rows, from, rows, token * (long) rowBytes, rowBytes);
      }
      MemorySegment target = Arena.ofAuto().allocate(1 + section.maxBytes(tokens));
      target.set(ValueLayout.JAVA_BYTE, 0, (byte) tokens);
      int bytes = section.encode(_ -> rows, tokens, target.asSlice(1));
      return target.asSlice(0, 1 + bytes).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public void reseal(byte[] input) {
      // no checksums: the number of tokens comes back into its limits instead
      if (input.length > 0) {
        input[0] &= MOST_TOKENS - 1;
      }
    }

    @Override
    public long read(byte[] input) {
      long allowed = (24L << 20) + 64L * input.length;
      int tokens = input.length == 0 ? -1 : Byte.toUnsignedInt(input[0]);
      if (tokens < 0 || tokens > MOST_TOKENS) {
        return allowed;
      }
      long rowBytes = (long) tokens * DIM * kind.bytes();
      Guarded[] rows = {new Guarded(rowBytes), new Guarded(rowBytes)};
      MemorySegment source = MemorySegment.ofArray(input).asReadOnly().asSlice(1);
      SymbolReading reading = section.decode(source, tokens, head -> rows[head].bytes());
      for (Guarded row : rows) {
        row.check();
        if (!(reading instanceof SymbolReading.Read)) {
          Guarded.untouched(row.bytes());
        }
      }
      return allowed;
    }
  }
}

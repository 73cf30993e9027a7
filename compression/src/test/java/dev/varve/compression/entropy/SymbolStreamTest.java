package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.entropy.Sources.Kind;
import dev.varve.compression.entropy.SymbolReading.Fault;
import dev.varve.compression.entropy.SymbolReading.Read;
import dev.varve.compression.entropy.SymbolReading.Refused;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SymbolStreamTest {
  private static final int RAW = 0;
  private static final int CONSTANT = 1;
  private static final int TABLES = 2;
  private static final int SHAPES = 3;

  private final SymbolWriter writer = new SymbolWriter(Backend.SCALAR);
  private final SymbolReader reader = new SymbolReader(Backend.SCALAR);

  @Test
  void everyStreamComesBackOnEveryBackend() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    SymbolWriter vectorWriter = new SymbolWriter(Backend.VECTOR);
    SymbolReader vectorReader = new SymbolReader(Backend.VECTOR);
    for (Kind kind : Kind.values()) {
      for (int size : Sources.SIZES) {
        byte[] symbols = Sources.make(kind, size, random);
        byte[] stream = write(writer, symbols, 1);
        assertThat(stream.length).isLessThanOrEqualTo((int) SymbolWriter.maxBytes(size));
        assertThat(write(vectorWriter, symbols, 1)).as("seed %d", seed).isEqualTo(stream);
        for (SymbolReader each : List.of(reader, vectorReader)) {
          byte[] back = new byte[size];
          assertThat(each.read(MemorySegment.ofArray(stream), back, size, 1))
              .as("seed %d, %s, %d symbols", seed, kind, size)
              .isEqualTo(new Read());
          assertThat(back).isEqualTo(symbols);
        }
      }
    }
  }

  @Test
  void manySymbolsComeBackThroughManyStates() {
    long seed = System.nanoTime();
    for (Kind kind : Kind.values()) {
      byte[] symbols = Sources.make(kind, 131_072 + 77, new SplittableRandom(seed));
      byte[] stream = write(new SymbolWriter(Backend.VECTOR), symbols, 1);
      byte[] back = new byte[symbols.length];
      assertThat(reader.read(MemorySegment.ofArray(stream), back, back.length, 1))
          .as("seed %d, %s", seed, kind)
          .isEqualTo(new Read());
      assertThat(back).isEqualTo(symbols);
    }
  }

  @Test
  void choosesTheSmallestForm() {
    SplittableRandom random = new SplittableRandom(1);
    assertThat(mode(Sources.make(Kind.UNIFORM_256, 5000, random), 1)).isEqualTo(RAW);
    assertThat(mode(new byte[0], 1)).isEqualTo(RAW);
    assertThat(mode(Sources.make(Kind.ONE_SYMBOL, 5000, random), 1)).isEqualTo(CONSTANT);
    assertThat(mode(Sources.make(Kind.EXPONENTS, 5000, random), 1)).isEqualTo(TABLES);
    assertThat(mode(Sources.all256(5000), 1)).isEqualTo(TABLES);
    assertThat(mode(Sources.make(Kind.GAUSSIAN_16, 600, random), 1)).isEqualTo(SHAPES);
  }

  @Test
  void channelsOfOneShapeAndManyScalesTakeAByteEach() {
    byte[] symbols = scaled(64, 128, new SplittableRandom(5));
    byte[] stream = write(writer, symbols, 64);
    double ideal = 0;
    for (int run = 0; run < 64; run++) {
      ideal += SymbolCounts.entropyBits(SymbolCounts.of(symbols, run * 128, run * 128 + 128)) / 8;
    }

    assertThat(stream[0]).isEqualTo((byte) SHAPES);
    assertThat((double) stream.length).isLessThan(1.2 * ideal + 64 + 12 + 32);
    assertThat((double) stream.length).isLessThan(0.93 * write(writer, symbols, 1).length);
  }

  @Test
  void channelsOfSeveralKindsShareStoredTables() {
    SplittableRandom random = new SplittableRandom(6);
    int length = 512;
    byte[] symbols = new byte[32 * length];
    for (int run = 0; run < 32; run++) {
      for (int i = 0; i < length; i++) {
        float value = (float) (random.nextGaussian() * Math.pow(2, 10 * (run % 4)));
        symbols[run * length + i] = (byte) Sources.exponent(value);
      }
    }
    byte[] stream = write(writer, symbols, 32);
    byte[] back = new byte[symbols.length];

    assertThat(stream[0]).isEqualTo((byte) TABLES);
    assertThat(stream[2]).isBetween((byte) 2, (byte) 16);
    assertThat((double) stream.length).isLessThan(0.8 * write(writer, symbols, 1).length);
    assertThat(reader.read(MemorySegment.ofArray(stream), back, back.length, 32))
        .isEqualTo(new Read());
    assertThat(back).isEqualTo(symbols);
  }

  @Test
  void aFlippedByteIsRefusedOrGivesSymbolsAndNeverMore() {
    SplittableRandom random = new SplittableRandom(7);
    int undetected = 0;
    int trials = 0;
    for (byte[] symbols :
        List.of(
            scaled(8, 64, random),
            Sources.make(Kind.EXPONENTS, 512, random),
            Sources.make(Kind.UNIFORM_256, 64, random),
            Sources.make(Kind.ONE_SYMBOL, 64, random))) {
      for (int runs : new int[] {1, 8}) {
        byte[] sound = write(writer, symbols, runs);
        for (int at = 0; at < sound.length; at++) {
          for (int bit = 0; bit < 8; bit++) {
            byte[] bytes = sound.clone();
            bytes[at] ^= (byte) (1 << bit);
            undetected += survives(bytes, symbols.length, runs) && bytes[0] > 1 ? 1 : 0;
            trials++;
          }
        }
      }
    }
    assertThat(undetected).as("of %d", trials).isLessThan(trials / 100);
  }

  @Test
  void everyTruncationAndEveryExtensionIsRefused() {
    SplittableRandom random = new SplittableRandom(8);
    for (Kind kind : Kind.values()) {
      byte[] sound = write(writer, Sources.make(kind, 600, random), 1);
      for (int length = 0; length < sound.length; length++) {
        byte[] bytes = Arrays.copyOf(sound, length);
        assertThat(survives(bytes, 600, 1)).as("%s cut to %d", kind, length).isFalse();
      }
      assertThat(survives(Arrays.copyOf(sound, sound.length + 1), 600, 1)).isFalse();
      assertThat(survives(Arrays.copyOf(sound, sound.length + 2), 600, 1)).isFalse();
    }
  }

  @Test
  void anyBytesGetAnAnswer() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    byte[] sound = write(writer, scaled(8, 64, random), 8);
    for (int trial = 0; trial < 20_000; trial++) {
      byte[] bytes = Arrays.copyOf(sound, random.nextInt(2 * sound.length));
      for (int i = random.nextInt(6); i > 0 && bytes.length > 0; i--) {
        int at = random.nextInt(4) == 0 ? random.nextInt(12) : random.nextInt(bytes.length);
        bytes[Math.min(at, bytes.length - 1)] = (byte) random.nextInt(256);
      }
      survives(bytes, 512, 8);
    }
    assertThat(survives(sound, 512, 8)).as("seed %d", seed).isTrue();
  }

  @Test
  void namesWhatIsWrong() {
    byte[] stream = write(writer, Sources.make(Kind.EXPONENTS, 600, new SplittableRandom(9)), 1);
    assertThat(fault(with(stream, 0, 9), 600)).isEqualTo(Fault.UNKNOWN);
    assertThat(fault(with(stream, 1, 7), 600)).isEqualTo(Fault.UNKNOWN);
    assertThat(fault(with(stream, 1, 32), 600)).isEqualTo(Fault.UNKNOWN);
    assertThat(fault(with(stream, 2, 0), 600)).isEqualTo(Fault.BAD_TABLE);
    assertThat(fault(stream, 599)).isEqualTo(Fault.MISMATCH);
    assertThat(fault(Arrays.copyOf(stream, 11), 600)).isEqualTo(Fault.BAD_LENGTH);
    assertThat(fault(with(stream, stream.length - 1, 1), 600)).isEqualTo(Fault.WRONG_STATE);
  }

  @Test
  void refusesRunsThatDoNotDivide() {
    MemorySegment target = MemorySegment.ofArray(new byte[100]);
    assertThatThrownBy(() -> writer.write(new byte[10], 10, 3, target))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10 symbols")
        .hasMessageContaining("3 runs");
    assertThatThrownBy(() -> writer.write(new byte[89], 89, 1, target))
        .hasMessageContaining("may take 101");
  }

  @Test
  void readsFromNativeMemoryAsFromTheHeap() {
    byte[] symbols = Sources.make(Kind.GAUSSIAN_16, 9000, new SplittableRandom(10));
    byte[] stream = write(writer, symbols, 1);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocateFrom(ValueLayout.JAVA_BYTE, stream);
      byte[] back = new byte[symbols.length];
      assertThat(reader.read(memory, back, back.length, 1)).isEqualTo(new Read());
      assertThat(back).isEqualTo(symbols);
    }
  }

  @Test
  void theBytesStayWhatTheyAre() {
    byte[] symbols = new byte[48];
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) (100 + Integer.numberOfTrailingZeros(i + 1));
    }
    holds(GOLDEN_TABLES, symbols, 1);
    for (int i = 0; i < symbols.length; i++) {
      symbols[i] = (byte) (8 + (i * i * 7 % 5 - 2) * (i / 12));
    }
    holds(GOLDEN_SHAPES, symbols, 4);
  }

  private void holds(String golden, byte[] symbols, int runs) {
    byte[] stream = HexFormat.of().parseHex(golden);
    byte[] back = new byte[symbols.length];
    assertThat(reader.read(MemorySegment.ofArray(stream), back, back.length, runs))
        .isEqualTo(new Read());
    assertThat(back).isEqualTo(symbols);
    assertThat(hex(write(writer, symbols, runs))).isEqualTo(golden);
  }

  private static final String GOLDEN_TABLES =
      "0200010030000000010000006469880084008200810080ab19d37a0d7fd319d32ad317d36b1b";
  private static final String GOLDEN_SHAPES =
      "03000c0030000000040000003233353f96496f0051c4aaf9f064bd64db2be1d84d54025b4a798998";

  private static byte[] scaled(int runs, int length, SplittableRandom random) {
    byte[] symbols = new byte[runs * length];
    for (int run = 0; run < runs; run++) {
      double scale = 0.3 * Math.pow(2, 3.5 * run / runs);
      for (int i = 0; i < length; i++) {
        double value = Math.rint(7.5 + scale * random.nextGaussian());
        symbols[run * length + i] = (byte) Math.max(0, Math.min(15, value));
      }
    }
    return symbols;
  }

  private int mode(byte[] symbols, int runs) {
    return write(writer, symbols, runs)[0];
  }

  private static byte[] write(SymbolWriter writer, byte[] symbols, int runs) {
    byte[] target = new byte[(int) SymbolWriter.maxBytes(symbols.length)];
    int length = writer.write(symbols, symbols.length, runs, MemorySegment.ofArray(target));
    return Arrays.copyOf(target, length);
  }

  /** Whether the bytes are read; symbols outside of the expected ones must stay untouched. */
  private boolean survives(byte[] bytes, int count, int runs) {
    byte[] symbols = new byte[count + 64];
    Arrays.fill(symbols, count, symbols.length, (byte) 0x5a);
    boolean read = reader.read(MemorySegment.ofArray(bytes), symbols, count, runs) instanceof Read;
    for (int i = count; i < symbols.length; i++) {
      assertThat(symbols[i]).isEqualTo((byte) 0x5a);
    }
    return read;
  }

  private Fault fault(byte[] bytes, int count) {
    SymbolReading reading = reader.read(MemorySegment.ofArray(bytes), new byte[count], count, 1);
    assertThat(reading).isInstanceOf(Refused.class);
    return ((Refused) reading).fault();
  }

  private static byte[] with(byte[] stream, int at, int value) {
    byte[] bytes = stream.clone();
    bytes[at] = (byte) value;
    return bytes;
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}

package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.entropy.Sources.Kind;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** All kernels write the bytes of the plain one, read them, and end alike on damage. */
class RansKernelTest {
  private static final RansKernel PLAIN = new ScalarRansKernel();
  private static final List<RansKernel> FAST =
      List.of(new InterleavedRansKernel(), new VectorRansKernel(new InterleavedRansKernel()));
  private static final int[] STATES = {1, 2, 4, 8, 16, 32, 64};

  @Test
  void allKernelsWriteTheSameBytesAndReadThem() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (Kind kind : Kind.values()) {
      for (int size : Sources.SIZES) {
        byte[] symbols = Sources.make(kind, size, random);
        RansTable table = table(symbols);
        for (int states : STATES) {
          String name = "seed %d, %s, %d symbols, %d states".formatted(seed, kind, size, states);
          byte[] bytes = encode(PLAIN, symbols, 1, states, table);
          assertThat(decode(PLAIN, bytes, size, 1, states, table)).as(name).isEqualTo(symbols);
          for (RansKernel kernel : FAST) {
            assertThat(encode(kernel, symbols, 1, states, table)).as(name).isEqualTo(bytes);
            assertThat(decode(kernel, bytes, size, 1, states, table)).as(name).isEqualTo(symbols);
          }
        }
      }
    }
  }

  @Test
  void runsBeginWithTheFirstState() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int length : new int[] {1, 13, 64, 100, 128}) {
      byte[] symbols = Sources.make(Kind.LAPLACE_32, 7 * length, random);
      RansTable table = table(symbols);
      for (int states : STATES) {
        byte[] bytes = encode(PLAIN, symbols, 7, states, table);
        for (RansKernel kernel : FAST) {
          assertThat(encode(kernel, symbols, 7, states, table)).as("%d", seed).isEqualTo(bytes);
          assertThat(decode(kernel, bytes, symbols.length, 7, states, table)).isEqualTo(symbols);
        }
      }
    }
  }

  @Test
  void staysWithinTheEntropyOfItsTable() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (Kind kind : Kind.values()) {
      for (int size : Sources.SIZES) {
        byte[] symbols = Sources.make(kind, size, random);
        RansTable table = table(symbols);
        double ideal = table.frequencies().bits(SymbolCounts.of(symbols, 0, size));
        for (int states : STATES) {
          long bits = 8L * encode(PLAIN, symbols, 1, states, table).length;
          assertThat((double) bits)
              .as("seed %d, %s, %d symbols, %d states", seed, kind, size, states)
              .isLessThanOrEqualTo(ideal + 0.05 * size + 32 * states + 16);
        }
      }
    }
  }

  @Test
  void staysWithinTheEntropyOfTheSymbolsWhereTheTableIsMadeOfMany() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (Kind kind : Kind.values()) {
      if (kind == Kind.MOSTLY_ONE) {
        continue; // 255 rare symbols take 255 slots of 4,096, 0.09 bits of every symbol
      }
      byte[] symbols = Sources.make(kind, 300_000, random);
      double entropy = SymbolCounts.entropyBits(SymbolCounts.of(symbols, 0, symbols.length));
      long bits = 8L * encode(FAST.getLast(), symbols, 1, 64, table(symbols)).length;
      assertThat((double) bits)
          .as("seed %d, %s", seed, kind)
          .isLessThanOrEqualTo(entropy + 0.05 * symbols.length + 32 * 64 + 16)
          .isGreaterThanOrEqualTo(entropy);
    }
  }

  @Test
  void allKernelsGiveTheSameAnswerToEveryDamage() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (Kind kind : List.of(Kind.GAUSSIAN_16, Kind.THIRTY_THREE)) {
      for (int states : new int[] {8, 64}) {
        byte[] symbols = Sources.make(kind, 700, random);
        RansTable table = table(symbols);
        byte[] sound = encode(PLAIN, symbols, 1, states, table);
        int unseen = 0;
        for (int trial = 0; trial < 2000; trial++) {
          byte[] bytes = sound.clone();
          bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
          bytes =
              random.nextInt(4) > 0 ? bytes : Arrays.copyOf(bytes, random.nextInt(sound.length));
          byte[] answer = decode(PLAIN, bytes, 700, 1, states, table);
          unseen += answer.length > 0 ? 1 : 0;
          for (RansKernel kernel : FAST) {
            assertThat(decode(kernel, bytes, 700, 1, states, table))
                .as("seed %d", seed)
                .isEqualTo(answer);
          }
        }
        // A flip of the last bits that a state reads can name another symbol: states are no CRC.
        assertThat(unseen).as("seed %d", seed).isLessThan(60);
      }
    }
  }

  private static RansTable table(byte[] symbols) {
    int[] counts = SymbolCounts.of(symbols, 0, symbols.length);
    counts[0] += symbols.length == 0 ? 1 : 0;
    return new RansTable(Frequencies.of(counts));
  }

  private static byte[] encode(
      RansKernel kernel, byte[] symbols, int runs, int states, RansTable table) {
    RansCoder coder = new RansCoder(kernel);
    byte[] bytes = new byte[coder.encode(symbols, runs, symbols.length / runs, states, _ -> table)];
    coder.write(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }

  /** The symbols, or nothing if the stream is not sound. */
  private static byte[] decode(
      RansKernel kernel, byte[] bytes, int size, int runs, int states, RansTable table) {
    byte[] symbols = new byte[size];
    boolean sound =
        new RansCoder(kernel)
            .decode(
                MemorySegment.ofArray(bytes), 0, symbols, runs, size / runs, states, _ -> table);
    return sound ? symbols : new byte[0];
  }
}

package dev.varve.compression.entropy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FrequenciesTest {

  @Test
  void addUpTo4096AndLeaveNoSymbolOut() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 300; trial++) {
      int[] counts = new int[256];
      int present = 1 + random.nextInt(256);
      for (int i = 0; i < present; i++) {
        counts[random.nextInt(256)] = 1 + (int) Math.pow(2, random.nextDouble() * 31 - 1);
      }
      Frequencies table = Frequencies.of(counts);
      int sum = 0;
      for (int symbol = 0; symbol < 256; symbol++) {
        assertThat(table.of(symbol) > 0).as("seed %d", seed).isEqualTo(counts[symbol] > 0);
        sum += table.of(symbol);
      }
      assertThat(sum).as("seed %d", seed).isEqualTo(4096);
    }
  }

  @Test
  void giveASingleSymbolEverySlot() {
    int[] counts = new int[256];
    counts[77] = 3;

    assertThat(Frequencies.of(counts).of(77)).isEqualTo(4096);
    assertThat(Frequencies.of(counts).bits(counts)).isZero();
  }

  @Test
  void areProportionalWhereThatIsExact() {
    int[] counts = new int[256];
    counts[0] = 1;
    counts[1] = 2;
    counts[2] = 5;

    Frequencies table = Frequencies.of(counts);

    assertThat(new int[] {table.of(0), table.of(1), table.of(2)}).containsExactly(512, 1024, 2560);
  }

  @Test
  void takeRareSymbolsFromTheCommonOnes() {
    int[] counts = new int[256];
    Arrays.fill(counts, 1);
    counts[128] = 1_000_000;

    Frequencies table = Frequencies.of(counts);

    assertThat(table.of(128)).isEqualTo(4096 - 255);
    assertThat(table.of(3)).isEqualTo(1);
  }

  @Test
  void refuseNothingToExpect() {
    assertThatThrownBy(() -> Frequencies.of(new int[256]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("nothing to expect");
    assertThatThrownBy(() -> Frequencies.of(new int[5])).hasMessageContaining("256 counts: 5");
    assertThatThrownBy(() -> Frequencies.exactly(new int[256])).hasMessageContaining("4096: 0");
  }

  @Test
  void comeBackFromTheirBytes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 300; trial++) {
      int[] counts = new int[256];
      int from = random.nextInt(256);
      int to = from + random.nextInt(256 - from);
      for (int i = from; i <= to; i++) {
        counts[i] = random.nextInt(4) == 0 ? 0 : random.nextInt(1 << random.nextInt(1, 20));
      }
      counts[to]++;
      Frequencies table = Frequencies.of(counts);
      byte[] bytes = new byte[FrequencyFormat.MAX_BYTES + 3];
      int length = FrequencyFormat.write(table, bytes, 3);

      assertThat(FrequencyFormat.read(MemorySegment.ofArray(bytes), 3))
          .as("seed %d", seed)
          .contains(new FrequencyFormat.Read(table, length));
      for (int cut = 3; cut < 3 + length; cut++) {
        assertThat(FrequencyFormat.read(MemorySegment.ofArray(bytes).asSlice(0, cut), 3))
            .as("seed %d cut %d of %d", seed, cut, length)
            .isEmpty();
      }
    }
  }

  @Test
  void refuseBytesThatAreNoTable() {
    assertThat(read(5, 4)).isEmpty();
    assertThat(read(0, 1, 0x90, 0x00, 0)).isEmpty();
    assertThat(read(0, 1, 0x80, 0x05, 0)).isEmpty();
    assertThat(read(0, 3, 0, 9, 0, 0)).isEmpty();
    assertThat(read(0, 1, 0x8f, 0xff, 0)).isPresent();
    assertThat(read(200, 200, 0)).isPresent();
  }

  @Test
  void whateverTheBytesAreReadingEndsInAnAnswer() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int tables = 0;
    for (int trial = 0; trial < 20_000; trial++) {
      byte[] bytes = new byte[random.nextInt(600)];
      random.nextBytes(bytes);
      if (bytes.length > 1) {
        bytes[0] = (byte) random.nextInt(4);
        bytes[1] = (byte) random.nextInt(12);
      }
      tables += FrequencyFormat.read(MemorySegment.ofArray(bytes), 0).isPresent() ? 1 : 0;
    }
    assertThat(tables).as("seed %d", seed).isBetween(1, 19_000);
  }

  private static Optional<FrequencyFormat.Read> read(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return FrequencyFormat.read(MemorySegment.ofArray(bytes), 0);
  }
}

package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;

class BlockChecksumTest {

  @Test
  void copiesAndChecksBytesOfAnyLength() {
    try (Arena arena = Arena.ofConfined()) {
      for (int length : new int[] {0, 1, 4096, (1 << 17) - 1, 1 << 17, (1 << 17) + 1, 1_000_003}) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        CRC32C expected = new CRC32C();
        expected.update(bytes);
        MemorySegment source = arena.allocate(length).copyFrom(MemorySegment.ofArray(bytes));
        MemorySegment target = arena.allocate(length);
        assertThat(BlockChecksum.copy(source, target)).isEqualTo((int) expected.getValue());
        assertThat(BlockChecksum.crc32c(source)).isEqualTo((int) expected.getValue());
        assertThat(target.mismatch(source)).isEqualTo(-1);
      }
      assertThatThrownBy(() -> BlockChecksum.copy(arena.allocate(10), arena.allocate(9)))
          .isInstanceOf(IndexOutOfBoundsException.class);
    }
  }
}

package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Digest256;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** No vector of a running LMCache is known: these tests spell out the bytes that are hashed. */
class LmcacheKeysTest {

  private final LmcacheKeys keys = LmcacheKeys.standalone(LmcacheKeys.DEFAULT_CHUNK_TOKENS);

  @Test
  void startsFromTwelveZeroBytes() {
    assertThat(keys.root()).isEqualTo(Blake3.hash(new byte[12]));
  }

  @Test
  void hashesTheHashBeforeAndBigEndianTokens() {
    List<Digest256> hashes = keys.hashes(counting(600));
    assertThat(hashes).hasSize(2);
    Digest256 before = keys.root();
    for (int chunk = 0; chunk < 2; chunk++) {
      ByteBuffer bytes = ByteBuffer.allocate(32 + 4 * 256).put(before.toBytes());
      for (int i = 0; i < 256; i++) {
        bytes.put((byte) 0).put((byte) 0).put((byte) chunk).put((byte) i);
      }
      before = Blake3.hash(bytes.array());
      assertThat(hashes.get(chunk)).isEqualTo(before);
    }
  }

  @Test
  void startsFromAnotherRootIfTold() {
    LmcacheKeys other = new LmcacheKeys(VllmKeys.standard().noneHash(), 256);
    assertThat(other.hashes(counting(512))).doesNotContainAnyElementsOf(keys.hashes(counting(512)));
  }

  @Test
  void refusesAChunkWithoutTokens() {
    assertThatThrownBy(() -> LmcacheKeys.standalone(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tokens of a chunk must be at least 1: 0");
  }
}

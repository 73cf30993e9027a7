package dev.varve.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AnnouncedBlocksTest {

  private static final Fingerprint MODEL = new Fingerprint(new Digest256(1, 2, 3, 4));
  private static final Tenant OTHER =
      Tenant.of("key".getBytes(StandardCharsets.US_ASCII), "b".getBytes(StandardCharsets.US_ASCII));

  private final List<KvEvent> told = new ArrayList<>();
  private final AnnouncedBlocks blocks = new AnnouncedBlocks(told::addAll, 3);

  private static ChunkKey chunk(Tenant tenant, int number) {
    ChainKey chain = ChainKey.root(tenant, MODEL).next(new int[] {number}, 0, 1);
    return new ChunkKey(tenant, MODEL, chain);
  }

  private static KvEvent removed(long hash) {
    return new KvEvent.BlockRemoved(List.of(hash));
  }

  @Test
  void tellsOnceOfWhatWasAnnounced() {
    blocks.announced(chunk(Tenant.NONE, 1), 100);
    blocks.forgotten(chunk(Tenant.NONE, 2));
    assertThat(told).isEmpty();
    blocks.forgotten(chunk(Tenant.NONE, 1));
    blocks.forgotten(chunk(Tenant.NONE, 1));
    assertThat(told).containsExactly(removed(100));
  }

  @Test
  void aHashIsGoneWithItsLastChunk() {
    blocks.announced(chunk(Tenant.NONE, 1), 100);
    blocks.announced(chunk(OTHER, 1), 100);
    blocks.announced(chunk(OTHER, 1), 100);
    blocks.forgotten(chunk(Tenant.NONE, 1));
    assertThat(told).isEmpty();
    blocks.forgotten(chunk(OTHER, 1));
    assertThat(told).containsExactly(removed(100));
  }

  @Test
  void passesOverTheOldestOfTooMany() {
    for (int number = 1; number <= 4; number++) {
      blocks.announced(chunk(Tenant.NONE, number), number);
    }
    for (int number = 1; number <= 4; number++) {
      blocks.forgotten(chunk(Tenant.NONE, number));
    }
    assertThat(told).containsExactly(removed(2), removed(3), removed(4));
  }
}

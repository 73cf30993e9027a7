package dev.varve.store.remote;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.TestBlocks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@Tag("server")
@EnabledIf(
    value = "dev.varve.store.remote.RedisProcess#installed",
    disabledReason = "redis-server is not installed")
class RemoteClusterTest {

  private static final int PAYLOAD = 2_000;
  private static final int CHUNKS = 60;

  @TempDir Path folder;

  @Test
  void killingAPrimaryLosesNoBlockThatHasAReplicaAndGivesNoWrongOne() throws Exception {
    try (RedisCluster cluster = RedisCluster.start(folder);
        Arena arena = Arena.ofShared();
        RemoteStore store =
            RemoteStore.open(
                RemoteConfig.parse(cluster.address())
                    .times(Duration.ofSeconds(5), RemoteConfig.DEFAULT_TIME_TO_LIVE),
                System::nanoTime,
                System::currentTimeMillis,
                System::nanoTime)) {
      RemoteTier tier = store.tier();
      for (long chunk = 0; chunk < CHUNKS; chunk++) {
        put(arena, tier, chunk * TestBlocks.LAYERS);
      }
      cluster.awaitReplicas();
      cluster.primary().kill();
      MemorySegment target = arena.allocate(PAYLOAD);
      for (long chunk = 0; chunk < CHUNKS; chunk++) {
        awaitFound(tier, chunk * TestBlocks.LAYERS, target);
      }
      for (long chunk = CHUNKS; chunk < 2 * CHUNKS; chunk++) {
        put(arena, tier, chunk * TestBlocks.LAYERS);
        awaitFound(tier, chunk * TestBlocks.LAYERS, target);
      }
      assertThat(store.stats().damaged()).isZero();
      awaitErased(store);
      for (long chunk = 0; chunk < 2 * CHUNKS; chunk++) {
        assertThat(tier.read(TestBlocks.key(chunk * TestBlocks.LAYERS), target))
            .isEqualTo(new ReadOutcome.Absent());
      }
      assertThat(store.stats().reachable()).isTrue();
    }
  }

  /** As a caller does who stores it again because it was not stored. */
  private static void put(Arena arena, RemoteTier tier, long number) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      if (tier.put(TestBlocks.blocks(arena, number, number + 1, PAYLOAD)) == 1) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("block " + number + " is not taken");
  }

  /** As a caller does who is told that a server did not answer. */
  private static void awaitErased(RemoteStore store) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      try {
        store.eraseTenant(TestBlocks.key(0).chunk().tenant());
        return;
      } catch (StoreException e) {
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    throw new AssertionError("the tenant cannot be erased");
  }

  private static void awaitFound(RemoteTier tier, long number, MemorySegment target)
      throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      ReadOutcome outcome = tier.read(TestBlocks.key(number), target);
      if (outcome instanceof ReadOutcome.Found) {
        assertThat(TestBlocks.matches(target, number)).as("block %d", number).isTrue();
        return;
      }
      assertThat(outcome).as("block %d", number).isEqualTo(new ReadOutcome.Absent());
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("block " + number + " is lost");
  }
}

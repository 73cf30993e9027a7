package dev.varve.offload.transfer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.varve.store.BlockKey;
import dev.varve.store.Chunk;
import dev.varve.store.ChunkCatalog;
import dev.varve.store.Encoding;
import dev.varve.store.StoreException;
import dev.varve.store.Tier;
import org.junit.jupiter.api.Test;

class TierProbeTest {

  private final SimulatedTier tier = new SimulatedTier(100);
  private final TierSpeeds speeds = new TierSpeeds(tier::now);
  private final ChunkCatalog catalog = new ChunkCatalog();

  @Test
  void measuresAnEmptyTierAndLeavesItEmpty() {
    probe();
    assertKnown();
    assertThat(tier.keys()).isEmpty();
    assertThat(tier.puts()).isEqualTo(1);
  }

  @Test
  void onlyReadsATierThatHoldsBlocks() {
    for (int i = 0; i < 4; i++) {
      enter(Chains.chunk(i, Tier.SSD));
    }
    int before = tier.keys().size();
    probe();
    assertThat(tier.keys()).hasSize(before);
    assertThat(tier.puts()).as("writes of the probe").isZero();
    long bytes = Chains.PLAIN.largestBlock();
    assertThat(speeds.rate(Tier.SSD).orElseThrow().seconds(1, bytes))
        .isCloseTo(tier.seconds(bytes), within(1e-9));
  }

  @Test
  void endsInTime() {
    for (int i = 0; i < 8; i++) {
      enter(Chains.chunk(i, Tier.SSD));
    }
    tier.slowDown(TierProbe.MOST_NANOS / 2);
    probe();
    assertThat(tier.reads()).as("reads of half the limit each").isEqualTo(2);
    assertThat(speeds.rate(Tier.SSD)).isPresent();
  }

  @Test
  void takesAwayWhatADeadProbeLeft() {
    BlockKey left = TierProbe.RESERVED.block(1, Encoding.RAW);
    tier.hold(left, 64);
    tier.forEach(header -> catalog.found(header, Tier.SSD));
    probe();
    assertThat(tier.keys()).isEmpty();
    assertThat(catalog.size()).isZero();
    assertKnown();
  }

  @Test
  void leavesASmallTierAlone() {
    SimulatedTier small = new SimulatedTier(10);
    TierProbe.run(small, catalog, Chains.PLAIN, Chains.MODEL, speeds);
    assertThat(small.puts()).isZero();
    assertThat(speeds.rate(Tier.SSD)).isEmpty();
  }

  @Test
  void leavesBlocksOfAnotherModelAlone() {
    tier.hold(Chains.chunk(0, Tier.SSD).key().block(0, Encoding.RAW), 64);
    probe();
    assertThat(tier.puts()).isZero();
    assertThat(tier.reads()).isZero();
    assertThat(speeds.rate(Tier.SSD)).isEmpty();
  }

  @Test
  void doesNotTouchADamagedBlock() {
    enter(Chains.chunk(0, Tier.SSD));
    tier.damageAll();
    int before = tier.keys().size();
    probe();
    assertThat(tier.keys()).hasSize(before);
    assertThat(speeds.rate(Tier.SSD)).as("no sound read, no estimate").isEmpty();
  }

  @Test
  void aTierThatCannotBeWrittenStaysUnknown() {
    tier.failPuts(new StoreException("the disk is full"));
    probe();
    assertThat(speeds.rate(Tier.SSD)).isEmpty();
  }

  private void probe() {
    TierProbe.run(tier, catalog, Chains.PLAIN, Chains.MODEL, speeds);
  }

  private void assertKnown() {
    TierRate rate = speeds.rate(Tier.SSD).orElseThrow();
    assertThat(rate.latencySeconds()).isCloseTo(tier.seconds(0), within(0.01 * tier.seconds(0)));
    long bytes = Chains.PLAIN.largestBlock();
    assertThat(rate.seconds(1, bytes)).isCloseTo(tier.seconds(bytes), within(1e-6));
  }

  private void enter(Chunk chunk) {
    for (int layer = 0; layer < Chains.LAYERS; layer++) {
      tier.hold(chunk.key().block(layer, Encoding.RAW), Chains.PLAIN.block(layer).bytes());
    }
    catalog.claimOrAdd(chunk).unclaim();
  }
}

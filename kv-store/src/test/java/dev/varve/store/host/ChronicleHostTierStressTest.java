package dev.varve.store.host;

import dev.varve.store.BlockTier;
import dev.varve.store.BlockTierStressContract;

class ChronicleHostTierStressTest extends BlockTierStressContract {

  @Override
  protected BlockTier open(long capacityBytes, int largestPayload) {
    return ChronicleHostTier.open(new HostTierConfig(capacityBytes, largestPayload));
  }
}

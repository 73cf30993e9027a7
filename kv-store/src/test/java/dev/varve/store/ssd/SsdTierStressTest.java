package dev.varve.store.ssd;

import dev.varve.store.BlockTier;
import dev.varve.store.BlockTierStressContract;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SsdTierStressTest extends BlockTierStressContract {

  @TempDir private Path folder;

  @Override
  protected BlockTier open(long capacityBytes, int largestPayload) {
    return SsdTier.open(new SsdTierConfig(folder, capacityBytes, 6L * largestPayload));
  }
}

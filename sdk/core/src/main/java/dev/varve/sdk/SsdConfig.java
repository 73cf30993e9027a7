package dev.varve.sdk;

import dev.varve.store.Checks;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The SSD tier.
 *
 * @param folder holds the segment files and the index; made if missing; one process at a time
 * @param capacityBytes bytes of segment files it may hold
 */
public record SsdConfig(Path folder, long capacityBytes) {

  public SsdConfig {
    Objects.requireNonNull(folder, "folder");
    Checks.positive(capacityBytes, "capacityBytes");
  }
}

package dev.varve.sdk;

import dev.varve.store.Checks;
import dev.varve.store.ssd.Durability;
import java.nio.file.Path;
import java.util.Objects;

/**
 * The SSD tier.
 *
 * @param folder holds the segment files and the index; made if missing; one process at a time
 * @param capacityBytes bytes of segment files it may hold
 * @param durability when what sinks there survives a loss of power; the end of a turn and of the
 *     cache sync at every level
 */
public record SsdConfig(Path folder, long capacityBytes, Durability durability) {

  public SsdConfig {
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(durability, "durability");
    Checks.positive(capacityBytes, "capacityBytes");
  }

  /** With {@link Durability#DEFAULT}. */
  public SsdConfig(Path folder, long capacityBytes) {
    this(folder, capacityBytes, Durability.DEFAULT);
  }
}

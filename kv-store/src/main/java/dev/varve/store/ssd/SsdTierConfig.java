package dev.varve.store.ssd;

import dev.varve.store.Checks;
import java.nio.file.Path;
import java.util.Objects;

/**
 * Where an SSD tier lies and how large it may grow.
 *
 * @param folder made if missing; belongs to one open tier at a time
 * @param capacityBytes most bytes of its segment files, free ones included; the index takes about
 *     one KiB per block beside them
 * @param segmentBytes a segment file that has no room for the next block below this is sealed
 * @param durability what a restart finds after a loss of power
 */
public record SsdTierConfig(
    Path folder, long capacityBytes, long segmentBytes, Durability durability) {

  /** Length of a segment file unless configured otherwise. */
  public static final long DEFAULT_SEGMENT_BYTES = 256L << 20;

  public SsdTierConfig {
    Objects.requireNonNull(folder, "folder");
    Objects.requireNonNull(durability, "durability");
    Checks.positive(segmentBytes, "segmentBytes");
    if (capacityBytes < SegmentRecordDescriptor.footprint(1)) {
      throw new IllegalArgumentException(
          "the SSD tier has "
              + capacityBytes
              + " bytes, the smallest block takes "
              + SegmentRecordDescriptor.footprint(1)
              + ": give it room for some");
    }
  }

  /** With {@link Durability#DEFAULT}. */
  public SsdTierConfig(Path folder, long capacityBytes, long segmentBytes) {
    this(folder, capacityBytes, segmentBytes, Durability.DEFAULT);
  }
}

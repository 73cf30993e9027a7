package dev.varve.compression.container;

import java.util.Comparator;

/**
 * Place of a record in the index.
 *
 * @param group the layer of a block, the number of an attachment, 0 for a table set
 * @param part the chunk of a block, 0 for the description of an attachment and then its pieces from
 *     1 on, the number of a table set
 * @param level the level of a block, else 0
 */
record RecordKey(RecordKind kind, int group, int part, int level) implements Comparable<RecordKey> {
  private static final Comparator<RecordKey> ORDER =
      Comparator.comparing(RecordKey::kind)
          .thenComparingInt(RecordKey::group)
          .thenComparingInt(RecordKey::part)
          .thenComparingInt(RecordKey::level);

  static RecordKey of(BlockAddress address) {
    return new RecordKey(RecordKind.BLOCK, address.layer(), address.chunk(), address.level());
  }

  @Override
  public int compareTo(RecordKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return switch (kind) {
      case BLOCK -> "layer %d, chunk %d, level %d".formatted(group, part, level);
      case TABLE_SET -> "table set %d".formatted(part);
      case ATTACHMENT ->
          part == 0
              ? "description of attachment %d".formatted(group)
              : "piece %d of attachment %d".formatted(part, group);
    };
  }
}

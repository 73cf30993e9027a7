package dev.varve.store.ssd;

import dev.varve.store.BlockKey;
import dev.varve.store.EncodedBlock;
import dev.varve.store.internal.IndexForm;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Decides which blocks of a put are written. */
final class Admission {

  private final LiveIndex index;
  private final long capacityBytes;

  Admission(LiveIndex index, long capacityBytes) {
    this.index = index;
    this.capacityBytes = capacityBytes;
  }

  /** Refuses a block that could never fit. */
  void checkSize(EncodedBlock block) {
    long footprint = SegmentRecordDescriptor.footprint(block.header().payloadBytes());
    if (footprint > capacityBytes) {
      throw new IllegalArgumentException(
          "a payload of "
              + block.header().payloadBytes()
              + " bytes takes "
              + footprint
              + ", the SSD tier has "
              + capacityBytes);
    }
  }

  /** Those of {@code blocks} whose index values are damaged. */
  List<BlockKey> damaged(List<EncodedBlock> blocks) {
    return blocks.stream()
        .map(block -> block.header().key())
        .filter(key -> index.find(key) instanceof IndexReading.Refused)
        .toList();
  }

  /**
   * Adds to {@code batch} those of the first {@code blocks} that are not held, until one does not
   * fit beside {@code usedBytes}; returns how many there are before that one.
   */
  int select(List<EncodedBlock> blocks, long usedBytes, List<EncodedBlock> batch) {
    Map<ByteBuffer, EncodedBlock> fresh = new HashMap<>();
    long used = usedBytes;
    int count = 0;
    for (EncodedBlock block : blocks) {
      if (!isHeld(block.header().key(), fresh)) {
        used += SegmentRecordDescriptor.footprint(block.header().payloadBytes());
        if (used > capacityBytes) {
          break;
        }
        fresh.put(ByteBuffer.wrap(IndexForm.of(block.header().key())), block);
        batch.add(block);
      }
      count++;
    }
    return count;
  }

  /** Whether {@code key} is held; another key of the same index form is refused. */
  private boolean isHeld(BlockKey key, Map<ByteBuffer, EncodedBlock> fresh) {
    EncodedBlock before = fresh.get(ByteBuffer.wrap(IndexForm.of(key)));
    if (before != null) {
      return refuseOther(key, before.header().key());
    }
    return switch (index.find(key)) {
      case IndexReading.Sound(IndexEntry entry) -> refuseOther(key, entry.header().key());
      case IndexReading.Absent() -> false;
      case IndexReading.Refused(String reason) -> false;
    };
  }

  private static boolean refuseOther(BlockKey key, BlockKey held) {
    if (!held.equals(key)) {
      throw new IllegalArgumentException(
          key + " and " + held + " share their first 128 bits: only one can be stored");
    }
    return true;
  }
}

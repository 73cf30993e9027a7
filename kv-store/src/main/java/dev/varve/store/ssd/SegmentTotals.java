package dev.varve.store.ssd;

/** Sums over the segments of a folder, kept up by the one writer. */
final class SegmentTotals {

  private long used;
  private long files;

  /** Bytes up to the ends of all segments. */
  long used() {
    return used;
  }

  /** Bytes of all their files. */
  long files() {
    return files;
  }

  void used(long grown) {
    used += grown;
  }

  void files(long grown) {
    files += grown;
  }
}

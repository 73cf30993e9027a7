package dev.varve.cli.file;

/** How the front of a blob of one sequence is written; a build writes one of these. */
enum LlamaForm {
  /** Cell count, then position and 0 for each cell: builds around b4916. */
  CELLS(false, false, false),
  /** Position, 1 and the sequence for each cell: builds of June and July 2025. */
  LABELLED_CELLS(true, false, false),
  /** The same behind a count of one stream: builds since the middle of 2025. */
  STREAM(true, true, false),
  /** The same behind eight bytes of a magic and the sequence: builds since b9049. */
  MARKED_STREAM(true, true, true);

  static final int MARK = 0xaf143cd8;

  private final boolean labelled;
  private final boolean streams;
  private final boolean marked;

  LlamaForm(boolean labelled, boolean streams, boolean marked) {
    this.labelled = labelled;
    this.streams = streams;
    this.marked = marked;
  }

  /** Whether a cell names its sequence. */
  boolean labelled() {
    return labelled;
  }

  /** Whether a count of streams comes before the cells. */
  boolean streams() {
    return streams;
  }

  /** Whether a magic and the sequence come before all. */
  boolean marked() {
    return marked;
  }

  /** Bytes down to the last cell. */
  long bytes(int cells) {
    long before = (marked ? 2L : 0) + (streams ? 1 : 0) + 1;
    return Integer.BYTES * (before + (labelled ? 3L : 2L) * cells);
  }
}

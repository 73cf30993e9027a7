package dev.varve.store.ssd;

/** What a page of a segment file is, where a record might begin. */
sealed interface RecordReading {

  /** The header page of a record of this use of the file. */
  record Sound(SegmentRecord record) implements RecordReading {}

  /** Anything else: another page, damage, a record of an earlier use of the file. */
  record Refused(String reason) implements RecordReading {}
}

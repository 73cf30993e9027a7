package dev.varve.store.ssd;

/** What the index says of a key. */
sealed interface IndexReading {

  /** Nothing is stored under the key's index form. */
  record Absent() implements IndexReading {}

  /** A value that may be trusted; its full key may still be another one. */
  record Sound(IndexEntry entry) implements IndexReading {}

  /** A value that failed a check. */
  record Refused(String reason) implements IndexReading {}
}

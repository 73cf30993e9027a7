package dev.varve.offload.tenancy;

import java.util.List;
import java.util.stream.Stream;

/**
 * The journal, and the order of what is written to it: who changes something that it keeps holds
 * the lock of this object from the change to its record. Thread-safe.
 */
final class RetentionLog {

  private final Journal journal;

  RetentionLog(Journal journal) {
    this.journal = journal;
  }

  /** Adds records; a process that dies afterwards does not lose them. */
  synchronized void append(List<? extends JournalRecord> records) {
    journal.append(records);
  }

  /** Adds records that are on the disk when this returns. */
  synchronized void keep(List<? extends JournalRecord> records) {
    journal.append(records);
    journal.force();
  }

  /** Returns once everything added is on the disk. */
  void force() {
    journal.force();
  }

  /** Whether most of the journal is likely to be out of date. */
  boolean bloated() {
    return journal.bloated();
  }

  /** Replaces everything; for who holds the lock since before {@code all} was made. */
  synchronized void rewrite(Stream<? extends JournalRecord> all) {
    journal.rewrite(all);
  }
}

package dev.varve.offload.tenancy;

import java.util.List;
import java.util.stream.Stream;

/**
 * Keeps what retention must not forget. Records are told in the order of the changes; whoever
 * writes makes sure of that.
 */
interface Journal extends AutoCloseable {

  /** Keeps nothing: for a cache that does not outlive its process. */
  Journal NONE =
      new Journal() {
        @Override
        public void append(List<? extends JournalRecord> records) {}

        @Override
        public void force() {}

        @Override
        public void rewrite(Stream<? extends JournalRecord> all) {}

        @Override
        public boolean bloated() {
          return false;
        }

        @Override
        public void close() {}
      };

  /**
   * Adds records behind all others: a process that dies afterwards does not lose them.
   *
   * @throws dev.varve.store.StoreException if they cannot be written; none of them is kept then
   */
  void append(List<? extends JournalRecord> records);

  /**
   * Returns once everything appended is on the disk.
   *
   * @throws dev.varve.store.StoreException if the disk refuses
   */
  void force();

  /** Replaces everything by {@code all}, at once or not at all; on the disk when this returns. */
  void rewrite(Stream<? extends JournalRecord> all);

  /** Whether most of what it holds is likely to be out of date. */
  boolean bloated();

  @Override
  void close();
}

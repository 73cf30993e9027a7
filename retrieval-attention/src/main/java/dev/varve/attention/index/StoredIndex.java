package dev.varve.attention.index;

/** An index that outlives the process: written beside the prefix, restored without its keys. */
public interface StoredIndex extends TokenIndex {

  /** Whether it has something of its own to write; not so if it scores the keys themselves. */
  default boolean storable() {
    return true;
  }

  /** Writes the summary. */
  void write(IndexOutput out);

  /**
   * Reads what {@link #write} of an index of the same settings wrote, in place of what is here.
   *
   * @throws DamagedIndexException if the bytes are no such index
   */
  void restore(IndexInput in);
}

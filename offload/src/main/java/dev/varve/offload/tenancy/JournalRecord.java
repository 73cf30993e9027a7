package dev.varve.offload.tenancy;

import dev.varve.store.ChunkKey;

/** One change of what the journal keeps; a later record of the same thing replaces an earlier. */
sealed interface JournalRecord {

  /** A chunk expires then; {@link Expiries#NEVER} takes an expiry back. */
  record Expires(ChunkKey key, long at, boolean handedOn) implements JournalRecord {}

  /** A prefix is pinned. */
  record Pinned(PinRecord pin) implements JournalRecord {}

  /** A pin ended. */
  record Unpinned(long id) implements JournalRecord {}

  /** An erasure began: until it ended, whoever opens the store does it again. */
  record Erasing(EraseScope scope) implements JournalRecord {}

  /** Every erasure that began before has ended. */
  record Erased() implements JournalRecord {}

  /** A chunk was erased while a session held it: whoever opens the store drops it. */
  record Doomed(ChunkKey key) implements JournalRecord {}

  /** An erased chunk is gone from every tier. */
  record Gone(ChunkKey key) implements JournalRecord {}
}

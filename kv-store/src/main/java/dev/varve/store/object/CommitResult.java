package dev.varve.store.object;

import java.util.Optional;

/** What became of a commit. */
public sealed interface CommitResult {

  /** The object is this now. */
  record Committed(ObjectInfo info) implements CommitResult {}

  /**
   * The condition was not met; nothing changed.
   *
   * @param found the object that is there; empty for none
   */
  record Unmet(Optional<ObjectInfo> found) implements CommitResult {}

  /**
   * There is no room for it, or its tenant was erased meanwhile; nothing changed.
   *
   * @param reason names the limit
   */
  record Dropped(String reason) implements CommitResult {}

  /** Whether the object is what was committed. */
  default boolean committed() {
    return this instanceof Committed;
  }
}

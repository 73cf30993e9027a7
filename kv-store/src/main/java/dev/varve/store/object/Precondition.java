package dev.varve.store.object;

import java.util.Optional;

/** What must hold of the object that is there for a commit to replace it. */
public sealed interface Precondition {

  /** Nothing. */
  record Anything() implements Precondition {}

  /** There is none. */
  record Absent() implements Precondition {}

  /** There is one. */
  record Present() implements Precondition {}

  /** It is this version. */
  record Version(long version) implements Precondition {}

  /** Whether it holds of what was found. */
  default boolean holds(Optional<ObjectInfo> found) {
    return switch (this) {
      case Anything() -> true;
      case Absent() -> found.isEmpty();
      case Present() -> found.isPresent();
      case Version(long version) -> found.isPresent() && found.get().version() == version;
    };
  }
}

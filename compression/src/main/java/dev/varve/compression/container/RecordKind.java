package dev.varve.compression.container;

import java.util.Optional;

/** What a record holds; the numbers are stored, and the index is sorted by them first. */
enum RecordKind {
  BLOCK(1),
  TABLE_SET(2),
  ATTACHMENT(3);

  private final int id;

  RecordKind(int id) {
    this.id = id;
  }

  int id() {
    return id;
  }

  static Optional<RecordKind> of(int id) {
    for (RecordKind kind : values()) {
      if (kind.id == id) {
        return Optional.of(kind);
      }
    }
    return Optional.empty();
  }
}

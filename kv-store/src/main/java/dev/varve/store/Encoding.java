package dev.varve.store;

/** How the payload of a block is written. The id is stored in keys and headers and never reused. */
public enum Encoding {
  /** Elements as they are, in the layout of {@link BlockGeometry}. */
  RAW(0);

  private final int id;

  Encoding(int id) {
    this.id = id;
  }

  /** The stored number. */
  public int id() {
    return id;
  }

  /** Whether decoding gives back every bit. */
  public boolean exact() {
    return switch (this) {
      case RAW -> true;
    };
  }

  /** The encoding with this stored number. */
  public static Encoding of(int id) {
    for (Encoding encoding : values()) {
      if (encoding.id == id) {
        return encoding;
      }
    }
    throw new IllegalArgumentException("no encoding has the number " + id);
  }
}

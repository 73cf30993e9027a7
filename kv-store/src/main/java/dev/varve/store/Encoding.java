package dev.varve.store;

/**
 * How the payload of a block is written: one format for the keys and one for the values. Part of a
 * block's identity, so the numbers are stored in keys and headers and never get another meaning;
 * {@code docs/formats/encodings.md} lists them.
 *
 * @param id format of the keys in the upper byte, format of the values in the lower; 0 for elements
 *     as they are, in the layout of {@link BlockGeometry}
 */
public record Encoding(int id) {

  /** Elements as they are, in the layout of {@link BlockGeometry}. */
  public static final Encoding RAW = new Encoding(0);

  /** Formats with a number below this one give back every bit. */
  public static final int FIRST_APPROXIMATE_FORMAT = 0x10;

  /** Largest number of a format. */
  public static final int MAX_FORMAT = 0xff;

  public Encoding {
    Checks.inRange(id, 0, 0xffff, "encoding");
  }

  /** The encoding with this stored number. */
  public static Encoding of(int id) {
    return id == 0 ? RAW : new Encoding(id);
  }

  /** The encoding that writes keys and values in these formats. */
  public static Encoding of(int keyFormat, int valueFormat) {
    Checks.inRange(keyFormat, 0, MAX_FORMAT, "format of the keys");
    Checks.inRange(valueFormat, 0, MAX_FORMAT, "format of the values");
    return of(keyFormat << 8 | valueFormat);
  }

  /** The format of the keys. */
  public int keyFormat() {
    return id >>> 8;
  }

  /** The format of the values. */
  public int valueFormat() {
    return id & 0xff;
  }

  /** Whether decoding gives back every bit. */
  public boolean exact() {
    return keyFormat() < FIRST_APPROXIMATE_FORMAT && valueFormat() < FIRST_APPROXIMATE_FORMAT;
  }

  @Override
  public String toString() {
    return id == 0 ? "RAW" : "encoding 0x%04x".formatted(id);
  }
}

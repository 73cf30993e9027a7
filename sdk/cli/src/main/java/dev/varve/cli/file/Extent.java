package dev.varve.cli.file;

/** The bytes {@code [offset, offset + bytes)} of a file. */
public record Extent(long offset, long bytes) {

  public Extent {
    if (offset < 0 || bytes < 0 || offset > Long.MAX_VALUE - bytes) {
      throw new IllegalArgumentException(
          "there are no %d bytes from %d on in a file".formatted(bytes, offset));
    }
  }

  /** One past the last byte. */
  public long end() {
    return offset + bytes;
  }
}

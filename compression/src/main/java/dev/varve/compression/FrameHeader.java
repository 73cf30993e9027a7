package dev.varve.compression;

import dev.varve.store.Encoding;

/**
 * What an encoded payload says of itself.
 *
 * @param dtype stored number of the uncompressed element type
 * @param tokens tokens held
 * @param position place of the first token in its sequence
 * @param keys the key section
 * @param values the value section; of no bytes where values are a prefix of the keys
 */
record FrameHeader(
    Encoding encoding,
    int dtype,
    int tokens,
    int position,
    int kvHeads,
    int keyDim,
    int valueDim,
    Part keys,
    Part values) {

  /**
   * One section.
   *
   * @param exact tokens that lie uncompressed behind the encoded ones
   * @param bytes length without padding
   * @param crc CRC32C over the section and its padding
   */
  record Part(ExactTokens exact, int bytes, int crc) {
    /** A section that is not there. */
    static final Part ABSENT = new Part(ExactTokens.NONE, 0, 0);

    /** Length with padding. */
    long paddedBytes() {
      return FrameDescriptor.padded(bytes);
    }
  }

  Part part(Section section) {
    return section == Section.KEYS ? keys : values;
  }

  /** Where the bytes of {@code section} begin. */
  long offset(Section section) {
    return FrameDescriptor.HEADER_LENGTH + (section == Section.KEYS ? 0 : keys.paddedBytes());
  }

  /** Length of the whole payload. */
  long payloadBytes() {
    return offset(Section.VALUES) + values.paddedBytes();
  }
}

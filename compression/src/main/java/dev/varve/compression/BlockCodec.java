package dev.varve.compression;

import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import java.lang.foreign.MemorySegment;

/**
 * Writes blocks of one geometry in one encoding and reads them back, keys and values apart.
 * Approximate encodings refuse a block that holds a NaN or an infinity among the tokens they
 * encode; tokens that are kept {@linkplain ExactTokens exactly} may hold any bits. Holds scratch
 * memory bounded by its geometry: for one thread at a time. The same input gives the same bytes on
 * every backend.
 */
public interface BlockCodec {

  /** How this codec writes. */
  Encoding encoding();

  /** The uncompressed blocks. */
  BlockGeometry geometry();

  /** How far decoded elements of {@code section} may lie from the encoded ones. */
  ErrorBound bound(Section section);

  /** Bytes that suffice for every block that holds {@code tokens} tokens. */
  long maxBytes(int tokens);

  /**
   * Writes the tokens of {@code block} that {@code context} names to the front of {@code target}.
   *
   * @param block {@link BlockGeometry#bytes} bytes, read only
   * @param target at least {@link #maxBytes} of the tokens
   * @throws IllegalArgumentException if {@code block} or {@code target} is too small or the context
   *     names more tokens than the geometry has
   */
  EncodeResult encode(MemorySegment block, CodecContext context, MemorySegment target);

  /**
   * Reads one section of a payload into its place in {@code block} and leaves the other section and
   * the tokens that the payload does not hold untouched. Total: whatever the payload is, the result
   * is a value; nothing outside of {@code payload} is read, nothing outside of the section written.
   *
   * @param payload nothing but the encoded block
   * @param block {@link BlockGeometry#bytes} bytes
   */
  DecodeResult decode(Section section, MemorySegment payload, MemorySegment block);

  /** Reads both sections; see {@link #decode(Section, MemorySegment, MemorySegment)}. */
  default DecodeResult decode(MemorySegment payload, MemorySegment block) {
    DecodeResult keys = decode(Section.KEYS, payload, block);
    return keys instanceof Decoded && !geometry().valueIsPrefixOfKey()
        ? decode(Section.VALUES, payload, block)
        : keys;
  }
}

package dev.varve.compression;

import java.lang.foreign.MemorySegment;

/**
 * Writes sections of one shape in one format and reads them back. Holds scratch memory bounded by
 * its shape: for one thread at a time. The same input gives the same bytes on every backend.
 */
public interface SectionCodec {

  /** The number of tokens written must be a multiple of this. */
  int tokenGroup();

  /** Most bytes that {@code tokens} tokens take; all that they take in a format of fixed size. */
  long maxBytes(int tokens);

  /** How far a decoded element may lie from the encoded one. */
  ErrorBound bound();

  /**
   * Writes {@code rows} to the front of {@code target}.
   *
   * @param target at least {@link #maxBytes} of its tokens
   */
  EncodeResult encode(SectionRows rows, CodecContext context, MemorySegment target);

  /**
   * Reads {@code rows} from {@code source}, which holds nothing else. Total: whatever the bytes
   * are, it returns, writes only {@code rows}, and reads only {@code source}.
   */
  DecodeResult decode(MemorySegment source, SectionRows rows);
}

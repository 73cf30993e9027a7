package dev.varve.compression;

import java.lang.foreign.MemorySegment;

/**
 * The part of an approximate {@link SectionCodec} that is about numbers: works on finite floats.
 * For one thread at a time.
 */
public interface FloatCodec {

  /** See {@link SectionCodec#tokenGroup}. */
  int tokenGroup();

  /** See {@link SectionCodec#maxBytes}. */
  long maxBytes(int tokens);

  /** The promise before decoded numbers are rounded to the block's element type. */
  ErrorBound bound();

  /**
   * Writes finite floats to the front of {@code target}.
   *
   * @param floats may be overwritten
   */
  EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target);

  /** Fills {@code floats} from {@code source}; total. */
  DecodeResult decode(MemorySegment source, SectionFloats floats);
}

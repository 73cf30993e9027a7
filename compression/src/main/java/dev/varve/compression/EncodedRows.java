package dev.varve.compression;

import java.lang.foreign.MemorySegment;

/** A codec that can decode any single row of a section. */
public interface EncodedRows extends FloatCodec {

  /** The sections it writes. */
  SectionShape shape();

  /**
   * Decodes one row of a section that this codec wrote.
   *
   * @param source the section; a caller checks foreign bytes before
   * @param tokens tokens in it
   * @param values receives {@code dim} elements from {@code at}
   */
  void decodeRow(MemorySegment source, int tokens, int head, int token, float[] values, int at);

  /**
   * Decodes the rows {@code from} to {@code to - 1} of a section that this codec wrote.
   *
   * @param values receives {@code [to - from][dim]} elements from {@code at}
   */
  default void decodeRows(
      MemorySegment source, int tokens, int head, int from, int to, float[] values, int at) {
    for (int token = from; token < to; token++) {
      decodeRow(source, tokens, head, token, values, at + (token - from) * shape().dim());
    }
  }
}

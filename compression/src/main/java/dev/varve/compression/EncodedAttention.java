package dev.varve.compression;

import java.lang.foreign.MemorySegment;

/**
 * Attention arithmetic on an encoded section without decoding it to memory first. Implemented by
 * codecs whose decoded rows are linear in their codes. The sections must be ones that the same
 * codec wrote: a caller decodes or checks foreign bytes before.
 */
public interface EncodedAttention {

  /**
   * {@code scores[t] = query . x'[t]} for the tokens of one head.
   *
   * @param source the section, as {@link FloatCodec#encode} wrote it
   * @param tokens tokens in it
   * @param query {@code dim} elements
   * @param scores at least {@code tokens} elements; overwritten
   */
  void scores(MemorySegment source, int tokens, int head, float[] query, float[] scores);

  /**
   * {@code out[j] = sum over t of weights[t] * x'[t][j]} for the tokens of one head.
   *
   * @param weights {@code tokens} elements
   * @param out at least {@code dim} elements; overwritten
   */
  void weightedSum(MemorySegment source, int tokens, int head, float[] weights, float[] out);
}

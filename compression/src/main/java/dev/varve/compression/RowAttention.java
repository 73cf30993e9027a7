package dev.varve.compression;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Attention row by row: no more than one decoded row exists at a time. For one thread at a time.
 */
public final class RowAttention implements EncodedAttention {
  private final EncodedRows codec;
  private final float[] row;

  public RowAttention(EncodedRows codec) {
    this.codec = codec;
    this.row = new float[codec.shape().dim()];
  }

  @Override
  public void scores(MemorySegment source, int tokens, int head, float[] query, float[] scores) {
    for (int token = 0; token < tokens; token++) {
      codec.decodeRow(source, tokens, head, token, row, 0);
      float sum = 0;
      for (int j = 0; j < row.length; j++) {
        sum += query[j] * row[j];
      }
      scores[token] = sum;
    }
  }

  @Override
  public void weightedSum(
      MemorySegment source, int tokens, int head, float[] weights, float[] out) {
    Arrays.fill(out, 0, row.length, 0f);
    for (int token = 0; token < tokens; token++) {
      codec.decodeRow(source, tokens, head, token, row, 0);
      for (int j = 0; j < row.length; j++) {
        out[j] += weights[token] * row[j];
      }
    }
  }
}

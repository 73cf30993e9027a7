package dev.varve.compression.gear;

import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.MemorySegment;

/**
 * The correction of one head: {@code [tokens][rank]} then {@code [dim][rank]} in binary16. Holds
 * the factors that were read last. For one thread at a time.
 */
final class LowRank {
  private final int dim;
  private final int rank;
  private final PowerIteration iteration;
  private final float[] tokenFactors;
  private final float[] channelFactors;
  private final float[] inner;

  LowRank(SectionShape shape, int rank) {
    this.dim = shape.dim();
    this.rank = rank;
    this.iteration = new PowerIteration(shape.blockTokens(), dim, rank);
    this.tokenFactors = new float[shape.blockTokens() * rank];
    this.channelFactors = new float[dim * rank];
    this.inner = new float[rank];
  }

  /** Bytes of one head; none of no tokens. */
  long bytes(int tokens) {
    return tokens == 0 ? 0 : (tokens + (long) dim) * rank * Short.BYTES;
  }

  /**
   * Writes the correction of {@code error}, {@code [tokens][dim]} from {@code at}; none where it
   * would not make the error smaller. False where binary16 cannot hold it.
   */
  boolean write(float[] error, int at, int tokens, MemorySegment target, long offset) {
    if (tokens == 0) {
      return true;
    }
    iteration.approximate(error, at, tokens);
    long channels = offset + (long) tokens * rank * Short.BYTES;
    store(iteration.left(), tokens * rank, target, offset);
    store(iteration.right(), dim * rank, target, channels);
    read(target, offset, tokens);
    for (int i = 0; i < dim * rank; i++) {
      if (!Float.isFinite(channelFactors[i])) {
        return false;
      }
    }
    if (!helps(error, at, tokens)) {
      target.asSlice(offset, bytes(tokens)).fill((byte) 0);
    }
    return true;
  }

  private boolean helps(float[] error, int at, int tokens) {
    double before = 0;
    double after = 0;
    for (int token = 0; token < tokens; token++) {
      for (int j = 0; j < dim; j++) {
        double element = error[at + token * dim + j];
        double rest = element - element(token, j);
        before += element * element;
        after += rest * rest;
      }
    }
    return after < before;
  }

  /** Reads the factors of a head. */
  void read(MemorySegment source, long offset, int tokens) {
    if (tokens > 0) {
      load(source, offset, tokenFactors, tokens * rank);
      load(source, offset + (long) tokens * rank * Short.BYTES, channelFactors, dim * rank);
    }
  }

  /** One element of the correction. */
  float element(int token, int channel) {
    float sum = 0;
    for (int k = 0; k < rank; k++) {
      sum += tokenFactors[token * rank + k] * channelFactors[channel * rank + k];
    }
    return sum;
  }

  /** Adds the correction of one token to {@code values[at]} and up. */
  void addRow(int token, float[] values, int at) {
    for (int j = 0; j < dim; j++) {
      values[at + j] += element(token, j);
    }
  }

  /** Adds {@code query . A[t]} to each score as {@code (query P) Q^T}. */
  void addScores(float[] query, int tokens, float[] scores) {
    for (int k = 0; k < rank; k++) {
      inner[k] = 0;
      for (int j = 0; j < dim; j++) {
        inner[k] += query[j] * channelFactors[j * rank + k];
      }
    }
    for (int token = 0; token < tokens; token++) {
      for (int k = 0; k < rank; k++) {
        scores[token] += tokenFactors[token * rank + k] * inner[k];
      }
    }
  }

  /** Adds {@code sum of weights[t] * A[t]} as {@code (weights Q) P^T}. */
  void addWeightedSum(float[] weights, int tokens, float[] out) {
    for (int k = 0; k < rank; k++) {
      inner[k] = 0;
      for (int token = 0; token < tokens; token++) {
        inner[k] += weights[token] * tokenFactors[token * rank + k];
      }
    }
    for (int j = 0; j < dim; j++) {
      for (int k = 0; k < rank; k++) {
        out[j] += inner[k] * channelFactors[j * rank + k];
      }
    }
  }

  private static void store(float[] factors, int count, MemorySegment target, long offset) {
    for (int i = 0; i < count; i++) {
      short half = Float.floatToFloat16(factors[i]);
      target.set(DtypeLayouts.SHORT, offset + (long) i * Short.BYTES, half);
    }
  }

  private static void load(MemorySegment source, long offset, float[] factors, int count) {
    for (int i = 0; i < count; i++) {
      short half = source.get(DtypeLayouts.SHORT, offset + (long) i * Short.BYTES);
      factors[i] = Float.float16ToFloat(half);
    }
  }
}

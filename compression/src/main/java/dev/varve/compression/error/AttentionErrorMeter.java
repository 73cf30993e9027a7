package dev.varve.compression.error;

import dev.varve.store.LayerShape;
import java.util.Arrays;
import java.util.Objects;

/**
 * Computes {@link AttentionError} in double precision, one query after the other. Windows of a
 * layer are not looked at. Stateless and thread-safe.
 */
public final class AttentionErrorMeter {
  private final LayerShape shape;

  public AttentionErrorMeter(LayerShape shape) {
    this.shape = shape;
  }

  /**
   * Keys and values of one layer: {@code [kvHeads][tokens][keyDim]} and {@code
   * [kvHeads][tokens][valueDim]}; borrowed.
   */
  public static final class Cache {
    private final float[] keys;
    private final float[] values;

    public Cache(float[] keys, float[] values) {
      this.keys = keys;
      this.values = values;
    }
  }

  /** The error of {@code decoded} against {@code exact} as {@code queries} see it. */
  public AttentionError measure(Cache exact, Cache decoded, int tokens, Queries queries) {
    Objects.checkIndex(0, tokens);
    Sums sums = new Sums();
    double[] logits = new double[tokens];
    double[] shifted = new double[tokens];
    double[] output = new double[shape.valueDim()];
    double[] other = new double[shape.valueDim()];
    for (int head = 0; head < shape.queryHeads(); head++) {
      for (int i = 0; i < queries.count(); i++) {
        int seen = queries.visible(i, tokens);
        int at = (head * queries.count() + i) * shape.keyDim();
        attend(exact, head, tokens, seen, queries.values(), at, logits, output);
        attend(decoded, head, tokens, seen, queries.values(), at, shifted, other);
        sums.addLogits(logits, shifted, seen);
        sums.addOutput(output, other);
      }
    }
    return new AttentionError(
        relative(exact.keys, decoded.keys),
        relative(exact.values, decoded.values),
        Math.sqrt(sums.logitSquares / Math.max(1, sums.logits)),
        sums.worstLogit,
        sums.outputNorm == 0 ? 0 : Math.sqrt(sums.outputSquares / sums.outputNorm));
  }

  private void attend(
      Cache cache,
      int head,
      int tokens,
      int seen,
      float[] queries,
      int at,
      double[] logits,
      double[] output) {
    int dim = shape.keyDim();
    int first = shape.kvHeadOf(head) * tokens;
    double most = Double.NEGATIVE_INFINITY;
    for (int token = 0; token < seen; token++) {
      double dot = 0;
      for (int j = 0; j < dim; j++) {
        dot += (double) queries[at + j] * cache.keys[(first + token) * dim + j];
      }
      logits[token] = capped(dot * shape.scale());
      most = Math.max(most, logits[token]);
    }
    Arrays.fill(output, 0);
    double weights = 0;
    for (int token = 0; token < seen; token++) {
      double weight = Math.exp(logits[token] - most);
      weights += weight;
      for (int j = 0; j < output.length; j++) {
        output[j] += weight * cache.values[(first + token) * output.length + j];
      }
    }
    for (int j = 0; j < output.length; j++) {
      output[j] /= weights;
    }
  }

  private double capped(double logit) {
    float cap = shape.logitSoftCap();
    return cap == 0 ? logit : cap * Math.tanh(logit / cap);
  }

  private static double relative(float[] exact, float[] decoded) {
    double error = 0;
    double norm = 0;
    for (int i = 0; i < exact.length; i++) {
      error += ((double) decoded[i] - exact[i]) * ((double) decoded[i] - exact[i]);
      norm += (double) exact[i] * exact[i];
    }
    return norm == 0 ? 0 : Math.sqrt(error / norm);
  }

  private static final class Sums {
    private double logitSquares;
    private long logits;
    private double worstLogit;
    private double outputSquares;
    private double outputNorm;

    void addLogits(double[] exact, double[] decoded, int seen) {
      double shift = 0;
      for (int token = 0; token < seen; token++) {
        shift += (decoded[token] - exact[token]) / seen;
      }
      for (int token = 0; token < seen; token++) {
        double difference = decoded[token] - exact[token] - shift;
        logitSquares += difference * difference;
        worstLogit = Math.max(worstLogit, Math.abs(difference));
      }
      logits += seen;
    }

    void addOutput(double[] exact, double[] decoded) {
      for (int j = 0; j < exact.length; j++) {
        outputSquares += (decoded[j] - exact[j]) * (decoded[j] - exact[j]);
        outputNorm += exact[j] * exact[j];
      }
    }
  }
}

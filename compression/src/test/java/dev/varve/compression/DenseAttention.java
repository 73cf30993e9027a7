package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;
import org.assertj.core.data.Offset;

/** Attention on an encoded section beside the same on its decoded rows. */
public final class DenseAttention {
  private DenseAttention() {}

  /** Scores and weighted sums of every head agree, relative to their size. */
  public static void check(
      EncodedAttention attention,
      SectionShape shape,
      MemorySegment section,
      float[] decoded,
      SplittableRandom random,
      Offset<Double> tolerance,
      String what) {
    int tokens = decoded.length / shape.channels();
    int dim = shape.dim();
    for (int head = 0; head < shape.heads(); head++) {
      float[] query = SyntheticKv.gaussian(random, dim);
      float[] weights = SyntheticKv.gaussian(random, tokens);
      float[] scores = new float[tokens];
      float[] out = new float[dim];
      attention.scores(section, tokens, head, query, scores);
      attention.weightedSum(section, tokens, head, weights, out);
      double[] sums = new double[dim];
      double[] sizes = new double[dim];
      for (int token = 0; token < tokens; token++) {
        double score = 0;
        double size = 1e-3;
        for (int j = 0; j < dim; j++) {
          float element = decoded[(head * tokens + token) * dim + j];
          score += query[j] * (double) element;
          size += Math.abs(query[j] * (double) element);
          sums[j] += weights[token] * (double) element;
          sizes[j] += Math.abs(weights[token] * (double) element);
        }
        assertThat((scores[token] - score) / size).as(what).isCloseTo(0.0, tolerance);
      }
      for (int j = 0; j < dim; j++) {
        assertThat((out[j] - sums[j]) / (sizes[j] + 1e-3)).as(what).isCloseTo(0.0, tolerance);
      }
    }
  }
}

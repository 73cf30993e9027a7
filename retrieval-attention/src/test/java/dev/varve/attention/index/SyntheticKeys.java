package dev.varve.attention.index;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.DtypeLayouts;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.SplittableRandom;

/** Keys of one layer in f32 that a test can read and change, and random queries. */
public final class SyntheticKeys {
  public final LayerShape shape;
  public final int tokens;
  private final MemorySegment bytes;
  private final SplittableRandom random;

  public SyntheticKeys(long seed, int queryHeads, int kvHeads, int dim, int tokens) {
    this.shape = LayerShape.grouped(queryHeads, kvHeads, dim, RopeSpec.none());
    this.tokens = tokens;
    this.random = new SplittableRandom(seed);
    this.bytes = Arena.ofAuto().allocate(4L * kvHeads * Math.max(1, tokens) * dim, 4);
    for (int head = 0; head < kvHeads; head++) {
      for (int token = 0; token < tokens; token++) {
        set(head, token, gaussian(dim));
      }
    }
  }

  public KeySpan span() {
    return KeySpan.dense(bytes, Dtype.F32, shape.kvHeads(), tokens, shape.keyDim());
  }

  public KeySpan span(int from, int to) {
    return span().slice(from, to - from);
  }

  public float[] key(int head, int token) {
    float[] key = new float[shape.keyDim()];
    MemorySegment.copy(bytes, DtypeLayouts.FLOAT, at(head, token), key, 0, key.length);
    return key;
  }

  public void set(int head, int token, float... key) {
    MemorySegment.copy(key, 0, bytes, DtypeLayouts.FLOAT, at(head, token), key.length);
  }

  private long at(int head, int token) {
    return 4L * (((long) head * tokens) + token) * shape.keyDim();
  }

  public float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Random queries of one token, {@code [queryHeads][keyDim]}. */
  public float[] query() {
    return gaussian(shape.queryHeads() * shape.keyDim());
  }

  /** One query of the last token. */
  public StepQueries queries(float... query) {
    return new StepQueries(shape).set(query, 0, tokens - 1, 1);
  }

  public static double dot(float[] a, int at, float[] b) {
    double sum = 0;
    for (int i = 0; i < b.length; i++) {
      sum += (double) a[at + i] * b[i];
    }
    return sum;
  }
}

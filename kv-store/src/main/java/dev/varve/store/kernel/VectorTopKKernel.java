package dev.varve.store.kernel;

import static jdk.incubator.vector.VectorOperators.GE;

import java.util.Arrays;
import java.util.Objects;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/**
 * Threshold and compaction. A sorted sample gives a threshold that a little more than {@code k}
 * scores should reach; one pass keeps those that do, packed together with their places; the exact
 * threshold is then sought among the few. If too few reached it, the next lower sample is tried, at
 * last negative infinity.
 */
final class VectorTopKKernel implements TopKKernel {
  private static final VectorSpecies<Float> S = VectorLanes.FLOATS;
  private static final int LANES = VectorLanes.LANES;
  private static final int SAMPLE = 1024;

  /** Below this many scores a look at all of them is cheaper than a sample. */
  private static final int SMALL = 4 * SAMPLE;

  private static final IntVector STEPS = IntVector.zero(VectorLanes.INTS).addIndex(1);

  private final VectorRadixThreshold threshold = new VectorRadixThreshold();
  private final float[] sample = new float[SAMPLE];
  private float[] kept = {};
  private int[] keptPlaces = {};

  @Override
  public int select(float[] scores, int at, int count, int k, int[] places) {
    Objects.checkFromIndexSize(at, count, scores.length);
    int wanted = Math.min(k, count);
    Objects.checkFromIndexSize(0, wanted, places.length);
    if (wanted <= 0) {
      return 0;
    }
    if (wanted == count) {
      for (int i = 0; i < count; i++) {
        places[i] = i;
      }
      return count;
    }
    if (kept.length < count + LANES) {
      kept = new float[count + LANES];
      keptPlaces = new int[count + LANES];
    }
    int candidates = keepTheBest(scores, at, count, wanted);
    float least = threshold.largest(kept, candidates, wanted);
    int equal = threshold.equal();
    int written = 0;
    for (int i = 0; written < wanted; i++) {
      if (kept[i] > least || (kept[i] == least && equal-- > 0)) {
        places[written++] = keptPlaces[i];
      }
    }
    return wanted;
  }

  private int keepTheBest(float[] scores, int at, int count, int wanted) {
    float none = Float.NEGATIVE_INFINITY;
    if (count < SMALL) {
      return keep(scores, at, count, none);
    }
    for (int i = 0; i < SAMPLE; i++) {
      float score = scores[at + (int) ((long) i * count / SAMPLE)];
      sample[i] = Float.isNaN(score) ? none : score;
    }
    Arrays.sort(sample);
    // Three standard deviations of the share that a sample of this size sees, and a few.
    double expected = (double) wanted * SAMPLE / count;
    for (double rank = expected + 3 * Math.sqrt(expected) + 4; rank < SAMPLE; rank *= 2) {
      int candidates = keep(scores, at, count, sample[SAMPLE - 1 - (int) rank]);
      if (candidates >= wanted) {
        return candidates;
      }
    }
    return keep(scores, at, count, none);
  }

  /** Packs the scores that reach {@code least}, as numbers without NaN and with one zero. */
  private int keep(float[] scores, int at, int count, float least) {
    boolean all = least == Float.NEGATIVE_INFINITY;
    int n = 0;
    int i = 0;
    for (; !all && i <= count - LANES; i += LANES) {
      FloatVector x = FloatVector.fromArray(S, scores, at + i);
      VectorMask<Float> reaches = x.compare(GE, least);
      if (reaches.anyTrue()) {
        x.add(0f).compress(reaches).intoArray(kept, n);
        STEPS.add(i).compress(reaches.cast(VectorLanes.INTS)).intoArray(keptPlaces, n);
        n += reaches.trueCount();
      }
    }
    for (; i < count; i++) {
      float score = scores[at + i];
      if (all || score >= least) {
        kept[n] = Float.isNaN(score) ? Float.NEGATIVE_INFINITY : score + 0f;
        keptPlaces[n++] = i;
      }
    }
    return n;
  }
}

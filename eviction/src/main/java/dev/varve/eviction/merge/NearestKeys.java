package dev.varve.eviction.merge;

/** Finds, for a key, the most alike of a few kept keys by cosine; the earlier one if two are. */
final class NearestKeys {
  private final float[] keys;
  private final int dim;
  private final int[] centres;
  private final double[] lengths;
  private int best;

  /**
   * Prepares the centres.
   *
   * @param keys {@code [tokens][dim]}
   * @param centres tokens to choose from, at least one
   */
  NearestKeys(float[] keys, int dim, int[] centres) {
    this.keys = keys;
    this.dim = dim;
    this.centres = centres;
    this.lengths = new double[centres.length];
    for (int i = 0; i < centres.length; i++) {
      lengths[i] = Math.sqrt(dot(centres[i], centres[i]));
    }
  }

  /** The cosine with the most alike centre, which {@link #best} then names. */
  double nearest(int token) {
    double length = Math.sqrt(dot(token, token));
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < centres.length; i++) {
      double both = lengths[i] * length;
      double cosine = both > 0 ? dot(token, centres[i]) / both : 0;
      if (cosine > most) {
        most = cosine;
        best = i;
      }
    }
    return most;
  }

  /** Index of the centre that {@link #nearest} found. */
  int best() {
    return best;
  }

  private double dot(int a, int b) {
    double sum = 0;
    for (int c = 0; c < dim; c++) {
      sum += (double) keys[a * dim + c] * keys[b * dim + c];
    }
    return sum;
  }
}

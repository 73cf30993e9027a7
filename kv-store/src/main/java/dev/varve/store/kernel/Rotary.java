package dev.varve.store.kernel;

import dev.varve.store.RopeSpec;
import dev.varve.store.RopeSpec.Pairing;
import dev.varve.store.RopeSpec.Scaling;

/**
 * Rotary position embedding (Su et al., 2021): turns pairs of elements by the position times a
 * frequency that falls with the place of the pair. For one thread at a time.
 */
public final class Rotary {
  private final boolean halves;
  private final double[] frequencies;
  private float[] cosines = {};
  private float[] sines = {};

  /** The turns of {@code spec}. */
  public Rotary(RopeSpec spec) {
    this.halves = spec.pairing() == Pairing.HALVES;
    this.frequencies = frequencies(spec);
  }

  /** Radians that each pair is turned by from one position to the next. */
  public static double[] frequencies(RopeSpec spec) {
    double[] frequencies = new double[spec.dims() / 2];
    for (int i = 0; i < frequencies.length; i++) {
      double trained = StrictMath.pow(spec.theta(), -2.0 * i / spec.dims());
      frequencies[i] = scale(trained, spec.scaling());
    }
    return frequencies;
  }

  /** Prepares the turns of {@code tokens} consecutive positions. */
  public void prepare(int position, int tokens) {
    int pairs = frequencies.length;
    if (cosines.length < tokens * pairs) {
      cosines = new float[tokens * pairs];
      sines = new float[tokens * pairs];
    }
    for (int i = 0; i < tokens * pairs; i++) {
      double angle = (position + i / pairs) * frequencies[i % pairs];
      cosines[i] = (float) Math.cos(angle);
      sines[i] = (float) Math.sin(angle);
    }
  }

  /** Turns {@code [tokens][heads][dim]} in place. */
  public void turn(float[] values, int tokens, int heads, int dim) {
    int pairs = frequencies.length;
    int partner = halves ? pairs : 1;
    int step = halves ? 1 : 2;
    for (int row = 0; row < tokens * heads; row++) {
      int angle = row / heads * pairs;
      for (int i = 0; i < pairs; i++) {
        int at = row * dim + i * step;
        float a = values[at];
        float b = values[at + partner];
        values[at] = a * cosines[angle + i] - b * sines[angle + i];
        values[at + partner] = a * sines[angle + i] + b * cosines[angle + i];
      }
    }
  }

  private static double scale(double frequency, Scaling scaling) {
    return switch (scaling) {
      case Scaling.None() -> frequency;
      case Scaling.Linear(double factor) -> frequency / factor;
      case Scaling.Llama3(double factor, double low, double high, int context) -> {
        double turns = context * frequency / (2 * Math.PI);
        double kept = Math.clamp((turns - low) / (high - low), 0.0, 1.0);
        yield frequency * (kept + (1 - kept) / factor);
      }
    };
  }
}

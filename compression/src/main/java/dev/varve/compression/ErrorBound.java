package dev.varve.compression;

import dev.varve.store.Dtype;

/** A promise about decoded elements, whatever the input is. */
public sealed interface ErrorBound {

  /** This promise where decoded numbers are rounded to {@code dtype}. */
  ErrorBound roundedTo(Dtype dtype);

  /** Every bit comes back. */
  record Exact() implements ErrorBound {
    @Override
    public ErrorBound roundedTo(Dtype dtype) {
      return this;
    }
  }

  /**
   * {@code |decoded - x| <= fraction * peak + floor} for every element {@code x}, where {@code
   * peak} is the largest magnitude in the group of elements that share a scale.
   *
   * @param floor least error that the parameters' own type allows, in the unit of the elements
   */
  record OfGroupPeak(double fraction, double floor) implements ErrorBound {
    @Override
    public ErrorBound roundedTo(Dtype dtype) {
      return new OfGroupPeak(fraction + rounding(dtype) * (1 + fraction), floor + FLOOR);
    }
  }

  /**
   * The Euclidean norm of a token's error in one head is at most {@code fraction} of the norm of
   * its row, plus {@code floor}.
   */
  record OfRowNorm(double fraction, double floor) implements ErrorBound {
    @Override
    public ErrorBound roundedTo(Dtype dtype) {
      return new OfRowNorm(fraction + rounding(dtype) * (1 + fraction), floor + FLOOR);
    }
  }

  /**
   * The root of the mean squared error of a section's elements is at most {@code fraction} of the
   * largest magnitude in the section, plus {@code floor}.
   */
  record OfSectionMean(double fraction, double floor) implements ErrorBound {
    @Override
    public ErrorBound roundedTo(Dtype dtype) {
      return new OfSectionMean(fraction + rounding(dtype) * (1 + fraction), floor + FLOOR);
    }
  }

  /** Half of the smallest binary16, with room for the sums of a row. */
  double FLOOR = 0x1p-20;

  /** Largest relative error of rounding a number of normal size to {@code dtype}. */
  private static double rounding(Dtype dtype) {
    return switch (dtype) {
      case F32 -> 0x1p-22;
      case F16 -> 0x1p-11;
      case BF16 -> 0x1p-8;
    };
  }
}

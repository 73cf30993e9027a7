package dev.varve.offload.transfer;

/**
 * A line {@code intercept + slope * x}, neither of them negative, through weighted points of which
 * older ones count less: least squares over decayed moments. A point farther than {@value #MOST}
 * times off the line counts as one that is just as far, so that a single pause moves little and a
 * lasting change is still followed; outside the {@code x} seen so far every point is believed, for
 * the line is a guess there. Points that hardly differ in {@code x} cannot tell slope from
 * intercept; there the line leans on what the constructor says. Not thread-safe.
 */
final class LineFit {

  /** What a line through points of one {@code x} looks like. */
  enum Lean {
    /** All of {@code y} grows with {@code x}. */
    PROPORTIONAL,
    /** Nothing of {@code y} grows with {@code x}. */
    CONSTANT
  }

  private static final int BELIEVED = 3;
  private static final double MOST = 3;
  private static final double KEEP = 15.0 / 16;
  private static final double LEAN_WEIGHT = 1e-4;

  private final Lean lean;
  private long points;
  private double least = Double.POSITIVE_INFINITY;
  private double greatest = Double.NEGATIVE_INFINITY;
  private double sum;
  private double sumX;
  private double sumY;
  private double sumXx;
  private double sumXy;

  LineFit(Lean lean) {
    this.lean = lean;
  }

  /** Points added so far. */
  long points() {
    return points;
  }

  void add(double x, double y, double weight) {
    double near = points < BELIEVED || x < least || x > greatest ? y : near(y, at(x));
    points++;
    least = Math.min(least, x);
    greatest = Math.max(greatest, x);
    sum = sum * KEEP + weight;
    sumX = sumX * KEEP + weight * x;
    sumY = sumY * KEEP + weight * near;
    sumXx = sumXx * KEEP + weight * x * x;
    sumXy = sumXy * KEEP + weight * x * near;
  }

  private static double near(double y, double expected) {
    return expected == 0 ? y : Math.clamp(y, expected / MOST, expected * MOST);
  }

  private double at(double x) {
    Line line = line();
    return line.intercept() + line.slope() * x;
  }

  /** The line; flat at 0 before the first point. */
  Line line() {
    if (points == 0) {
      return new Line(0, 0);
    }
    double meanX = sumX / sum;
    double meanY = sumY / sum;
    double variance = Math.max(0, sumXx / sum - meanX * meanX);
    double covariance = sumXy / sum - meanX * meanY;
    double pull = LEAN_WEIGHT * meanX * meanX;
    if (variance + pull == 0) {
      return new Line(meanY, 0);
    }
    double leaning = lean == Lean.PROPORTIONAL && meanX > 0 ? meanY / meanX : 0;
    double slope = (covariance + pull * leaning) / (variance + pull);
    if (slope < 0) {
      return new Line(meanY, 0);
    }
    double intercept = meanY - slope * meanX;
    return intercept < 0 ? new Line(0, sumXy / sumXx) : new Line(intercept, slope);
  }

  /** {@code intercept + slope * x}. */
  record Line(double intercept, double slope) {}
}

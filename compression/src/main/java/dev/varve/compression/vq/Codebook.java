package dev.varve.compression.vq;

/**
 * 256 points of eight dimensions, trained once by Lloyd's iterations on random numbers and part of
 * the format since. Immutable and thread-safe.
 */
public final class Codebook {
  /** Elements of a point. */
  public static final int DIMENSIONS = 8;

  /** Points for standard normal numbers. */
  public static final Codebook NORMAL = load("normal-8d-256.f16", 0x01cc0725);

  /** Points for the magnitudes of standard normal numbers. */
  public static final Codebook MAGNITUDES = load("magnitudes-8d-256.f16", 0x8964ae32);

  private static final int POINTS = 256;

  private final float[] points;
  private final float[] halfSquares;

  private Codebook(float[] points) {
    this.points = points;
    this.halfSquares = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      for (int j = 0; j < DIMENSIONS; j++) {
        float element = points[i * DIMENSIONS + j];
        halfSquares[i] += element * element / 2;
      }
    }
  }

  private static Codebook load(String name, int crc) {
    return new Codebook(PointFile.load(Codebook.class, name, crc));
  }

  /** The point nearest to {@code values[at]} and up; the first of equally near ones. */
  public int nearest(float[] values, int at) {
    int best = 0;
    float closest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < POINTS; i++) {
      float closeness = -halfSquares[i];
      for (int j = 0; j < DIMENSIONS; j++) {
        closeness += values[at + j] * points[i * DIMENSIONS + j];
      }
      if (closeness > closest) {
        closest = closeness;
        best = i;
      }
    }
    return best;
  }

  /** Element {@code j} of a point. */
  public float element(int point, int j) {
    return points[point * DIMENSIONS + j];
  }
}

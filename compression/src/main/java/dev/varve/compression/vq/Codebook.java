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

  /** Points of a codebook. */
  static final int POINTS = 256;

  private final float[] points;

  /** {@code [DIMENSIONS][POINTS]}: of all points the first elements, the second and so on. */
  private final float[][] elements = new float[DIMENSIONS][POINTS];

  private final float[] halfSquares;

  private Codebook(float[] points) {
    this.points = points;
    this.halfSquares = new float[POINTS];
    for (int i = 0; i < POINTS; i++) {
      for (int j = 0; j < DIMENSIONS; j++) {
        float element = points[i * DIMENSIONS + j];
        elements[j][i] = element;
        halfSquares[i] += element * element / 2;
      }
    }
  }

  private static Codebook load(String name, int crc) {
    return new Codebook(PointFile.load(Codebook.class, name, crc));
  }

  /**
   * The point nearest to {@code values[at]} and up; the first of equally near ones.
   *
   * @param room overwritten; {@link #POINTS} long
   */
  int nearest(float[] values, int at, float[] room) {
    closeness(values, at, room);
    int best = 0;
    for (int i = 1; i < POINTS; i++) {
      best = room[i] > room[best] ? i : best;
    }
    return best;
  }

  // All points at once, one operation after the other: a loop that compilers make vectors of.
  private void closeness(float[] values, int at, float[] closeness) {
    float v0 = values[at];
    float v1 = values[at + 1];
    float v2 = values[at + 2];
    float v3 = values[at + 3];
    float v4 = values[at + 4];
    float v5 = values[at + 5];
    float v6 = values[at + 6];
    float v7 = values[at + 7];
    float[] e0 = elements[0];
    float[] e1 = elements[1];
    float[] e2 = elements[2];
    float[] e3 = elements[3];
    float[] e4 = elements[4];
    float[] e5 = elements[5];
    float[] e6 = elements[6];
    float[] e7 = elements[7];
    for (int i = 0; i < POINTS; i++) {
      closeness[i] =
          v0 * e0[i]
              - halfSquares[i]
              + v1 * e1[i]
              + v2 * e2[i]
              + v3 * e3[i]
              + v4 * e4[i]
              + v5 * e5[i]
              + v6 * e6[i]
              + v7 * e7[i];
    }
  }

  /** Element {@code j} of a point. */
  public float element(int point, int j) {
    return points[point * DIMENSIONS + j];
  }
}

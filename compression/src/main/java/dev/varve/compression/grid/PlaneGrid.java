package dev.varve.compression.grid;

import dev.varve.compression.vq.PointFile;

/**
 * 16, 64 or 256 points of the plane for pairs of standard normal numbers, trained once by Lloyd's
 * iterations and part of the format since (HIGGS, Malinovskii et al., 2024, with two dimensions).
 * Immutable and thread-safe.
 */
final class PlaneGrid {
  private static final PlaneGrid FOUR = new PlaneGrid("normal-2d-16.f16", 0x256c_045b);
  private static final PlaneGrid SIX = new PlaneGrid("normal-2d-64.f16", 0x4348_e761);
  private static final PlaneGrid EIGHT = new PlaneGrid("normal-2d-256.f16", 0x2622_3763);

  private final float[] first;
  private final float[] second;
  private final float[] halfSquares;
  private final GridRaster raster;

  private PlaneGrid(String name, int crc) {
    float[] points = PointFile.load(PlaneGrid.class, name, crc);
    this.first = new float[points.length / 2];
    this.second = new float[first.length];
    this.halfSquares = new float[first.length];
    for (int i = 0; i < first.length; i++) {
      first[i] = points[2 * i];
      second[i] = points[2 * i + 1];
      halfSquares[i] = (first[i] * first[i] + second[i] * second[i]) / 2;
    }
    this.raster = new GridRaster(first, second);
  }

  /** The grid with codes of twice {@code bits} bits: {@code bits} for each element. */
  static PlaneGrid of(int bits) {
    return switch (bits) {
      case 2 -> FOUR;
      case 3 -> SIX;
      case 4 -> EIGHT;
      default -> throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
    };
  }

  /** The point nearest to {@code (x, y)}; the first of equally near ones. */
  int nearest(float x, float y) {
    return GridRaster.covers(x, y) ? nearest(raster.near(x, y), x, y) : nearestOfAll(x, y);
  }

  private int nearest(byte[] candidates, float x, float y) {
    int best = Byte.toUnsignedInt(candidates[0]);
    float closest = closeness(best, x, y);
    for (int i = 1; i < candidates.length; i++) {
      int point = Byte.toUnsignedInt(candidates[i]);
      float closeness = closeness(point, x, y);
      if (closeness > closest) {
        closest = closeness;
        best = point;
      }
    }
    return best;
  }

  /** The same, looking at every point. */
  int nearestOfAll(float x, float y) {
    int best = 0;
    float closest = closeness(0, x, y);
    for (int point = 1; point < first.length; point++) {
      float closeness = closeness(point, x, y);
      if (closeness > closest) {
        closest = closeness;
        best = point;
      }
    }
    return best;
  }

  private float closeness(int point, float x, float y) {
    return x * first[point] + y * second[point] - halfSquares[point];
  }

  /** The first coordinate of a point. */
  float first(int point) {
    return first[point];
  }

  /** The second coordinate of a point. */
  float second(int point) {
    return second[point];
  }

  /** How many points there are. */
  int points() {
    return first.length;
  }
}

package dev.varve.compression.grid;

import java.util.Arrays;

/**
 * Which points of a {@link PlaneGrid} can be the nearest in each cell of a raster over the middle
 * of the plane, so that a few are compared in place of all. Immutable and thread-safe.
 */
final class GridRaster {
  /** The raster reaches from minus this to this in both directions. */
  private static final int REACH = 5;

  private static final int CELLS_PER_UNIT = 8;
  private static final int SIDE = 2 * REACH * CELLS_PER_UNIT;

  /** More than distances can come out wrong by in single precision. */
  private static final double MARGIN = 1e-3;

  private final byte[][] candidates = new byte[SIDE * SIDE][];

  /** The raster of points with these coordinates, at most 256. */
  GridRaster(float[] first, float[] second) {
    byte[] found = new byte[first.length];
    for (int cell = 0; cell < candidates.length; cell++) {
      int row = cell / SIDE;
      double x = (row + 0.5) / CELLS_PER_UNIT - REACH;
      double y = (cell % SIDE + 0.5) / CELLS_PER_UNIT - REACH;
      double least = Double.POSITIVE_INFINITY;
      for (int i = 0; i < first.length; i++) {
        least = Math.min(least, square(first[i] - x, second[i] - y));
      }
      // Nobody in the cell is further from its middle than half a diagonal.
      double reach = Math.sqrt(least) + Math.sqrt(2) / CELLS_PER_UNIT + MARGIN;
      int count = 0;
      for (int i = 0; i < first.length; i++) {
        if (square(first[i] - x, second[i] - y) <= reach * reach) {
          found[count++] = (byte) i;
        }
      }
      candidates[cell] = Arrays.copyOf(found, count);
    }
  }

  private static double square(double x, double y) {
    return x * x + y * y;
  }

  /** Whether {@code (x, y)} lies in the raster. */
  static boolean covers(float x, float y) {
    return Math.abs(x) < REACH && Math.abs(y) < REACH;
  }

  /** The points that can be nearest to {@code (x, y)}, in ascending order. */
  byte[] near(float x, float y) {
    int row = (int) ((x + REACH) * CELLS_PER_UNIT);
    int column = (int) ((y + REACH) * CELLS_PER_UNIT);
    return candidates[Math.min(row, SIDE - 1) * SIDE + Math.min(column, SIDE - 1)];
  }
}

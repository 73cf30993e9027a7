package dev.varve.compression.grid;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.kernel.Backend;
import java.util.List;

/**
 * HIGGS (Malinovskii et al., 2024): rows of all channels of a token, rotated, in pairs on a grid;
 * see {@link GridRows}.
 *
 * @param bits for each element: 2, 3 or 4
 */
public record GridFormat(int bits) implements SectionFormat {
  private static final int FIRST_NUMBER = 0xd0;
  private static final int LEAST_BITS = 2;

  public GridFormat {
    if (bits < LEAST_BITS || bits > 4) {
      throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
    }
  }

  /** Every format of this family. */
  public static List<GridFormat> all() {
    return List.of(new GridFormat(2), new GridFormat(3), new GridFormat(4));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + bits - LEAST_BITS;
  }

  @Override
  public String name() {
    return "grid" + bits;
  }

  /** {@code bits + 16 / part}, where a part is what {@link GridRows#part} says. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return GridRows.bitsPerValue(bits, shape);
  }

  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    GridRows rows = new GridRows(name(), bits, shape, backend);
    RowForecast forecast = RowForecast.none(shape.channels());
    return new FloatSectionCodec(shape, new GridCodec(name(), shape, rows, forecast), backend);
  }
}

package dev.varve.compression.predicted;

import dev.varve.compression.FloatSectionCodec;
import dev.varve.compression.Section;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.compression.grid.GridCodec;
import dev.varve.compression.grid.GridFormat;
import dev.varve.compression.grid.GridRows;
import dev.varve.store.kernel.Backend;
import java.util.List;
import java.util.Set;

/**
 * AQUA-KV (Shutova et al., 2025): keys before RoPE are predicted from the decoded keys of the layer
 * before, values from the decoded keys of their own layer and the decoded values of the layer
 * before, by linear maps that were calibrated; the difference is written as {@link GridFormat}
 * writes rows.
 *
 * @param bits for each element: 2, 3 or 4
 */
public record AquaFormat(int bits) implements SectionFormat {
  private static final int FIRST_NUMBER = 0xd4;
  private static final int LEAST_BITS = 2;
  private static final GridFormat FIRST_LAYER = new GridFormat(4);

  public AquaFormat {
    if (bits < LEAST_BITS || bits > 4) {
      throw new IllegalArgumentException("bits must be 2, 3 or 4: " + bits);
    }
  }

  /** Every format of this family. */
  public static List<AquaFormat> all() {
    return List.of(new AquaFormat(2), new AquaFormat(3), new AquaFormat(4));
  }

  @Override
  public int number() {
    return FIRST_NUMBER + bits - LEAST_BITS;
  }

  @Override
  public String name() {
    return "aquakv" + bits;
  }

  /** {@code bits + 16 / part}, where a part is what {@link GridRows#part} says. */
  @Override
  public double bitsPerValue(SectionShape shape) {
    return GridRows.bitsPerValue(bits, shape);
  }

  @Override
  public Set<TableKind> tables(Section section) {
    return Set.of(section == Section.KEYS ? TableKind.KEY_PREDICTOR : TableKind.VALUE_PREDICTOR);
  }

  @Override
  public boolean needsRope() {
    return true;
  }

  @Override
  public boolean dependent() {
    return true;
  }

  @Override
  public SectionFormat independent() {
    return FIRST_LAYER;
  }

  /** Refuses: there is nothing to predict from. */
  @Override
  public SectionCodec open(SectionShape shape, LayerTables tables, Backend backend) {
    throw new IllegalArgumentException(
        name()
            + " predicts a layer from the decoded block of an earlier one, which only a container"
            + " has: write files in it, and tiers in another encoding");
  }

  @Override
  public SectionCodec open(
      SectionShape shape, LayerTables tables, BlockInputs inputs, Backend backend) {
    TableKind kind = tables(shape.section()).iterator().next();
    int width = inputs.width(shape.section());
    int channels = shape.channels();
    float[] numbers = tables.need(kind, LinearMap.numbers(width, channels), name());
    LayerForecast forecast =
        new LayerForecast(shape, inputs, new LinearMap(numbers, width, channels, backend));
    GridRows rows = new GridRows(name(), bits, shape, backend);
    return new FloatSectionCodec(shape, new GridCodec(name(), shape, rows, forecast), backend);
  }
}

package dev.varve.compression;

import dev.varve.compression.bitstream.BitstreamFormat;
import dev.varve.compression.calibrated.KvQuantFormat;
import dev.varve.compression.calibrated.SmoothFormat;
import dev.varve.compression.gear.GearFormat;
import dev.varve.compression.grid.GridFormat;
import dev.varve.compression.importance.TwoClassFormat;
import dev.varve.compression.lossless.LosslessFormat;
import dev.varve.compression.predicted.AquaFormat;
import dev.varve.compression.quantize.Float8;
import dev.varve.compression.quantize.Float8Format;
import dev.varve.compression.quantize.UniformFormat;
import dev.varve.compression.rotation.RotatedFormat;
import dev.varve.compression.vq.NsnFormat;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Every format there is, by number and by name. */
public final class SectionFormats {
  private static final Map<Integer, SectionFormat> BY_NUMBER = new TreeMap<>();
  private static final Map<String, SectionFormat> BY_NAME = new TreeMap<>();

  static {
    List<SectionFormat> all = new ArrayList<>();
    all.add(new RawFormat());
    all.add(new LosslessFormat());
    for (Float8 type : Float8.values()) {
      all.add(new Float8Format(type));
    }
    all.addAll(UniformFormat.all());
    all.addAll(GearFormat.all());
    all.addAll(RotatedFormat.all());
    all.addAll(TwoClassFormat.all());
    all.addAll(NsnFormat.all());
    all.addAll(BitstreamFormat.all());
    all.addAll(SmoothFormat.all());
    all.addAll(KvQuantFormat.all());
    all.addAll(GridFormat.all());
    all.addAll(AquaFormat.all());
    for (SectionFormat format : all) {
      SectionFormat other = BY_NUMBER.put(format.number(), format);
      SectionFormat namesake = BY_NAME.put(format.name(), format);
      if (other != null || namesake != null) {
        throw new IllegalStateException(format.name() + " has the number or name of another");
      }
    }
  }

  private SectionFormats() {}

  /** All formats in the order of their numbers. */
  public static List<SectionFormat> all() {
    return Collections.unmodifiableList(new ArrayList<>(BY_NUMBER.values()));
  }

  /** The format with this stored number, if this program knows it. */
  public static Optional<SectionFormat> of(int number) {
    return Optional.ofNullable(BY_NUMBER.get(number));
  }

  /** The format with this name. */
  public static Optional<SectionFormat> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }
}

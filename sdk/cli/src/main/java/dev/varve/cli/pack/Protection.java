package dev.varve.cli.pack;

import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.SectionFormat;
import dev.varve.compression.SectionFormats;
import dev.varve.compression.SectionShape;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.List;

/**
 * Layers at both ends of a model, which suffer most from few bits, get none of fewer than 8 bits.
 *
 * @param layers how many at each end
 * @param encoding what they are written in instead
 */
public record Protection(int layers, Encoding encoding) {

  private static final int ENOUGH_BITS = 8;

  /** Whether {@code layer} of {@code count} is protected. */
  boolean covers(int layer, int count) {
    return layer < layers || layer >= count - layers;
  }

  /** Whether {@code candidate} is good enough for a protected layer. */
  static boolean enough(Encoding candidate, ModelShape shape, int layer, int blockTokens) {
    return candidate.exact()
        || (enough(candidate.keyFormat(), Section.KEYS, shape, layer, blockTokens)
            && enough(candidate.valueFormat(), Section.VALUES, shape, layer, blockTokens));
  }

  private static boolean enough(
      int format, Section section, ModelShape shape, int layer, int blockTokens) {
    if (format < Encoding.FIRST_APPROXIMATE_FORMAT) {
      return true;
    }
    LayerShape of = shape.layers().get(layer);
    BlockGeometry geometry = BlockGeometry.of(of, shape.dtype(), blockTokens);
    SectionShape rows = SectionShape.of(section, geometry, of.rope());
    SectionFormat known = SectionFormats.of(format).orElseThrow();
    return !known.sizeDependsOnContent() && known.bitsPerValue(rows) >= ENOUGH_BITS;
  }

  /** The plan with protected layers. */
  public List<Encoding> apply(LayerCodecs codecs, ModelShape shape, int blockTokens) {
    List<Encoding> plan = new ArrayList<>(codecs.encodings(shape.layerCount()));
    for (int layer = 0; layer < plan.size() && !codecs.namesLayers(); layer++) {
      if (covers(layer, plan.size()) && !enough(plan.get(layer), shape, layer, blockTokens)) {
        plan.set(layer, encoding);
      }
    }
    return plan;
  }

  @Override
  public String toString() {
    return "protect %d %s".formatted(layers, Encodings.name(encoding));
  }
}

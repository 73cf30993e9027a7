package dev.varve.cli.file;

import dev.varve.cli.file.AxisOrder.Measured;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.lang.foreign.Arena;
import java.util.List;

/** Keys and values of all layers in one tensor. */
final class StackedTensor {
  private StackedTensor() {}

  /** A source over elements of which shape and type are known. */
  static KvSource open(
      ForeignFile file,
      AxisOrder order,
      List<Long> dimensions,
      Dtype dtype,
      KindOptions options,
      Extent elements,
      Arena arena,
      String kind) {
    int heads = options.shape().heads().orElse(1);
    Measured found;
    long bytes = dtype.bytes();
    try {
      for (long dimension : dimensions) {
        bytes = AxisOrder.times(bytes, dimension);
      }
      found = order.measure(dimensions, dtype.bytes(), heads);
    } catch (IllegalArgumentException e) {
      throw file.refused("shape %s: %s".formatted(dimensions, e.getMessage()));
    }
    if (bytes != elements.bytes()) {
      throw file.refused(
          "shape %s of %s takes %d bytes, there are %d"
              .formatted(dimensions, dtype, bytes, elements.bytes()));
    }
    KvLayout.Builder layout = new KvLayout.Builder(kind);
    for (int layer = 0; layer < found.layers(); layer++) {
      for (Section section : Section.values()) {
        long at =
            elements.offset()
                + layer * found.layerStride()
                + (section == Section.KEYS ? 0 : found.kindStride());
        layout.place(
            new SectionPlace(
                layer, section, at, found.headStride(), found.tokenStride(), found.elementStride()),
            elements);
      }
    }
    LayerShape layer = options.shape().layer(found.heads(), found.dim(), found.dim());
    KvDescription description =
        new KvDescription(
            ModelShape.uniform(found.layers(), layer, dtype), found.tokens(), false, "");
    return new MappedSource(arena, file, description, layout.build(file.size()));
  }

  /** {@code [2][layers][tokens][channels]} from {@code front} on. */
  static KvLayout places(KvDescription description, LayerShape layer, long front, String kind) {
    int element = description.shape().dtype().bytes();
    long row = (long) layer.kvHeads() * layer.keyDim() * element;
    long section = row * description.tokens();
    int layers = description.shape().layerCount();
    KvLayout.Builder layout = new KvLayout.Builder(kind);
    Extent elements = new Extent(front, description.bytes());
    for (int i = 0; i < layers; i++) {
      for (Section of : Section.values()) {
        long at = front + (of == Section.KEYS ? i : layers + i) * section;
        long head = (long) layer.keyDim() * element;
        layout.place(new SectionPlace(i, of, at, head, row, element), elements);
      }
    }
    return layout.build(elements.end());
  }
}

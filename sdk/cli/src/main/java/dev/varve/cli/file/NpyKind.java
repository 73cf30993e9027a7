package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;

/**
 * One numpy array with all layers: {@code [layers][2][heads][tokens][dim]} unless the options name
 * another order of axes.
 */
final class NpyKind implements FileKind {

  static final String NAME = "npy";
  private static final AxisOrder AXES = new AxisOrder("lkhtd");
  private static final AxisOrder BATCHED_AXES = new AxisOrder("lkbhtd");

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    return NpyHeader.recognises(file);
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) {
    Extent whole = new Extent(0, file.size());
    NpyHeader header = NpyHeader.read(file, whole, "the array");
    Dtype dtype =
        header
            .dtype()
            .orElseThrow(() -> file.refused("the array is needed as f4, f2 or u2 for bf16"));
    AxisOrder order = options.axes().orElse(header.shape().size() == 6 ? BATCHED_AXES : AXES);
    if (!order.has('k')) {
      throw file.refused("--axes needs k, keys and values are in one array: " + order.letters());
    }
    Extent elements = new Extent(header.bytes(), file.size() - header.bytes());
    return StackedTensor.open(file, order, header.shape(), dtype, options, elements, arena, NAME);
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    LayerShape first = Alike.layers(description, NAME);
    long tokens = description.tokens();
    long layers = description.shape().layerCount();
    Dtype dtype = description.shape().dtype();
    long dim = first.keyDim();
    byte[] header =
        NpyHeader.write(dtype, List.of(layers, 2L, (long) first.kvHeads(), tokens, dim));
    KvLayout.Builder layout = new KvLayout.Builder(NAME);
    Extent elements = new Extent(header.length, description.bytes());
    long at = header.length;
    for (int layer = 0; layer < layers; layer++) {
      for (Section section : Section.values()) {
        layout.place(
            SectionPlace.dense(
                layer, section, at, description.tokens(), first.keyDim(), dtype.bytes()),
            elements);
        at += tokens * description.tokenBytes(layer, section);
      }
    }
    return new NewFile(layout.build(at), Map.of(0L, MemorySegment.ofArray(header)));
  }
}

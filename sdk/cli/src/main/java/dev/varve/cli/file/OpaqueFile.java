package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.lang.foreign.Arena;

/**
 * A file of which keys and values are not told apart: a description of no tokens, every byte kept.
 */
final class OpaqueFile {
  private OpaqueFile() {}

  /** A source that holds no tokens. */
  static KvSource source(ForeignFile file, String kind, Arena arena) {
    LayerShape layer = LayerShape.grouped(1, 1, 1, RopeSpec.none());
    KvDescription description =
        new KvDescription(ModelShape.uniform(1, layer, Dtype.F16), 0, false, "");
    KvLayout.Builder layout = new KvLayout.Builder(kind);
    for (Section section : Section.values()) {
      layout.place(SectionPlace.dense(0, section, 0, 0, 1, 2), new Extent(0, 0));
    }
    return new MappedSource(arena, file, description, layout.build(file.size()));
  }
}

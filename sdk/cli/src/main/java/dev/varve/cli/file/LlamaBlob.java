package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The cells of one sequence: a position for each, all keys layer by layer, all values layer by
 * layer, values with or without their axes swapped. Rows are in the order of the cells, which need
 * not be that of the positions.
 */
final class LlamaBlob {

  /** Keys or values of one layer. */
  private record Rows(int type, long offset, long channels) {}

  private static final int MOST_LAYERS = 4096;
  private static final int MOST_CHANNELS = 1 << 20;

  private final ForeignFile file;
  private final int cells;
  private final boolean turned;
  private final List<Rows> keys;
  private final List<Rows> values;

  private LlamaBlob(
      ForeignFile file, int cells, boolean turned, List<Rows> keys, List<Rows> values) {
    this.file = file;
    this.cells = cells;
    this.turned = turned;
    this.keys = keys;
    this.values = values;
  }

  /** Reads the blob from {@code at} to the end of the file, if it is of this form throughout. */
  static Optional<LlamaBlob> read(ForeignFile file, long at, LlamaForm form) {
    try {
      return new Reading(file, at).read(form);
    } catch (CommandFailure e) {
      return Optional.empty();
    }
  }

  /** The cells and where their rows lie; empty where the size of an element is not known. */
  Optional<LlamaSlot> slot() {
    List<LlamaSlot.Rows> sections = new ArrayList<>();
    for (Rows rows : keys) {
      sections.add(section(rows, false));
    }
    for (Rows rows : values) {
      if (turned && LlamaType.dtype(rows.type()).isEmpty()) {
        return Optional.empty();
      }
      sections.add(section(rows, turned));
    }
    return Optional.of(new LlamaSlot(file, cells, sections));
  }

  private static LlamaSlot.Rows section(Rows rows, boolean byChannel) {
    int element = LlamaType.dtype(rows.type()).map(Dtype::bytes).orElse(1);
    return new LlamaSlot.Rows(
        LlamaType.dtype(rows.type()), rows.offset(), rows.channels() * element, byChannel);
  }

  /** A source for the blob, if its elements are of a type that can be read. */
  Optional<KvSource> source(KindOptions options, Arena arena, Extent tokenIds) {
    Optional<Dtype> dtype = dtype();
    if (dtype.isEmpty()) {
      return Optional.empty();
    }
    int element = dtype.get().bytes();
    KvLayout.Builder layout = new KvLayout.Builder(LlamaKind.NAME);
    List<LayerShape> shapes = new ArrayList<>();
    for (int layer = 0; layer < keys.size(); layer++) {
      long keyChannels = keys.get(layer).channels();
      long valueChannels = values.get(layer).channels();
      int heads = options.shape().heads().orElse(1);
      if (keyChannels % heads != 0 || valueChannels % heads != 0) {
        throw file.refused(
            "layer %d has %d and %d channels, they do not split into %d heads"
                .formatted(layer, keyChannels, valueChannels, heads));
      }
      long keyDim = keyChannels / heads;
      long valueDim = valueChannels / heads;
      if (Math.max(keyDim, valueDim) > LayerShape.MAX_DIM) {
        throw file.refused(
            "layer %d has %d channels, a head at most %d: give --shape heads=N"
                .formatted(layer, keyChannels, LayerShape.MAX_DIM));
      }
      shapes.add(options.shape().layer(heads, (int) keyDim, (int) valueDim));
      add(layout, layer, Section.KEYS, keys.get(layer), keyDim, element, false);
      add(layout, layer, Section.VALUES, values.get(layer), valueDim, element, turned);
    }
    if (tokenIds.bytes() == (long) cells * Integer.BYTES) {
      layout.tokenIds(tokenIds);
    }
    KvDescription description =
        new KvDescription(new ModelShape(shapes, dtype.get()), cells, false, "");
    return Optional.of(new MappedSource(arena, file, description, layout.build(file.size())));
  }

  private void add(
      KvLayout.Builder layout,
      int layer,
      Section section,
      Rows rows,
      long dim,
      int element,
      boolean byChannel) {
    long column = (long) cells * element;
    SectionPlace place =
        byChannel
            ? new SectionPlace(layer, section, rows.offset(), dim * column, element, column)
            : new SectionPlace(
                layer, section, rows.offset(), dim * element, rows.channels() * element, element);
    layout.place(place, new Extent(rows.offset(), cells * rows.channels() * element));
  }

  private Optional<Dtype> dtype() {
    int type = keys.getFirst().type();
    boolean alike =
        keys.stream().allMatch(rows -> rows.type() == type)
            && values.stream().allMatch(rows -> rows.type() == type);
    return alike ? LlamaType.dtype(type) : Optional.empty();
  }

  /** One pass over a blob. */
  private static final class Reading {
    private final ForeignFile file;
    private long at;

    Reading(ForeignFile file, long at) {
      this.file = file;
      this.at = at;
    }

    Optional<LlamaBlob> read(LlamaForm form) {
      if (form.marked() && (next() != LlamaForm.MARK || next() < 0)) {
        return Optional.empty();
      }
      if (form.streams() && next() != 1) {
        return Optional.empty();
      }
      int cells = next();
      if (cells < 1) {
        return Optional.empty();
      }
      for (int cell = 0; cell < cells; cell++) {
        if (next() < 0 || next() != (form.labelled() ? 1 : 0) || (form.labelled() && next() < 0)) {
          return Optional.empty();
        }
      }
      int turned = next();
      int layers = next();
      if (turned < 0 || turned > 1 || layers < 1 || layers > MOST_LAYERS) {
        return Optional.empty();
      }
      List<Rows> keys = new ArrayList<>();
      List<Rows> values = new ArrayList<>();
      for (int layer = 0; layer < layers; layer++) {
        keys.add(rows(cells));
      }
      for (int layer = 0; layer < layers; layer++) {
        values.add(turned == 1 ? columns(cells) : rows(cells));
      }
      return at == file.size()
          ? Optional.of(new LlamaBlob(file, cells, turned == 1, keys, values))
          : Optional.empty();
    }

    private int next() {
      int value = file.i32(at, "the state");
      at += Integer.BYTES;
      return value;
    }

    private Rows rows(int cells) {
      int type = next();
      long rowBytes = file.i64(at, "the state");
      at += Long.BYTES;
      int element = LlamaType.dtype(type).map(Dtype::bytes).orElse(1);
      if (rowBytes < 1 || rowBytes > MOST_CHANNELS || rowBytes % element != 0) {
        throw file.refused("rows of %d bytes".formatted(rowBytes));
      }
      return place(type, cells * rowBytes, rowBytes / element);
    }

    private Rows columns(int cells) {
      int type = next();
      long element = next();
      long channels = next();
      if (element < 1 || element > Long.BYTES || channels < 1 || channels > MOST_CHANNELS) {
        throw file.refused("%d channels of %d bytes".formatted(channels, element));
      }
      if (LlamaType.dtype(type).isPresent() && LlamaType.dtype(type).get().bytes() != element) {
        throw file.refused("elements of %d bytes, of type %d".formatted(element, type));
      }
      return place(type, cells * channels * element, channels);
    }

    private Rows place(int type, long bytes, long channels) {
      Rows rows = new Rows(type, at, channels);
      file.slice(at, bytes, "the state");
      at += bytes;
      return rows;
    }
  }
}

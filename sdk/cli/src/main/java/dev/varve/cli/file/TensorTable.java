package dev.varve.cli.file;

import dev.varve.cli.file.AxisOrder.Measured;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** Finds the keys and values of every layer among named tensors. */
final class TensorTable {

  /** A tensor of a file. */
  record Entry(String name, Optional<Dtype> dtype, List<Long> dimensions, Extent place) {}

  /** Names of keys and of values. */
  record Names(NamePattern keys, NamePattern values) {
    static Names of(String keys, String values) {
      return new Names(NamePattern.of("--keys", keys), NamePattern.of("--values", values));
    }
  }

  private final ForeignFile file;
  private final Map<String, Entry> entries = new LinkedHashMap<>();

  TensorTable(ForeignFile file) {
    this.file = file;
  }

  /** Adds a tensor; refuses the file if it has another one of that name. */
  void add(Entry entry) {
    if (entries.put(entry.name(), entry) != null) {
      throw file.refused(
          "holds two tensors named '%s': which one is meant is not known, write it anew with one"
              .formatted(entry.name()));
    }
  }

  /** The tensor of that name, if there is one. */
  Optional<Entry> find(String name) {
    return Optional.ofNullable(entries.get(name));
  }

  /** The first of {@code known} of which there is a tensor, or what the options say. */
  Names names(KindOptions options, List<Names> known) {
    if (options.keys().isPresent()) {
      return Names.of(options.keys().get(), options.values().orElseThrow());
    }
    for (Names names : known) {
      if (entries.keySet().stream().anyMatch(name -> names.keys.layerOf(name).isPresent())) {
        return names;
      }
    }
    throw file.refused(
        ("no tensor is named like keys (known are %s); the first are %s: give --keys and --values"
                + " with {layer} for the number of the layer")
            .formatted(
                String.join(", ", known.stream().map(names -> names.keys.text()).toList()),
                entries.keySet().stream().limit(4).toList()));
  }

  /** Adds the places of all layers to {@code layout} and says what they hold. */
  KvDescription describe(Names names, KindOptions options, KvLayout.Builder layout) {
    TreeSet<Integer> layers = new TreeSet<>();
    entries.keySet().forEach(name -> names.keys.layerOf(name).ifPresent(layers::add));
    if (layers.isEmpty()) {
      throw file.refused("no tensor is named like '" + names.keys.text() + "'");
    }
    List<LayerShape> shapes = new ArrayList<>();
    Optional<Dtype> dtype = Optional.empty();
    int tokens = -1;
    for (int layer = 0; layer <= layers.last(); layer++) {
      Entry keys = needed(names.keys.name(layer));
      Entry values = needed(names.values.name(layer));
      for (Entry entry : List.of(keys, values)) {
        Dtype type = dtype(entry);
        if (dtype.isPresent() && type != dtype.get()) {
          throw file.refused(
              "tensor '%s' is %s, those before are %s: one type is needed"
                  .formatted(entry.name(), type, dtype.get()));
        }
        dtype = Optional.of(type);
      }
      Measured key = measured(keys, options);
      Measured value = measured(values, options);
      tokens = tokens < 0 ? key.tokens() : tokens;
      if (key.heads() != value.heads() || key.tokens() != tokens || value.tokens() != tokens) {
        throw file.refused(
            "layer %d has keys %s and values %s for %d tokens: they do not belong together"
                .formatted(layer, keys.dimensions(), values.dimensions(), tokens));
      }
      shapes.add(options.shape().layer(key.heads(), key.dim(), value.dim()));
      layout.place(place(layer, Section.KEYS, keys, key), keys.place());
      layout.place(place(layer, Section.VALUES, values, value), values.place());
    }
    return new KvDescription(
        new ModelShape(shapes, dtype.orElseThrow()), Math.max(tokens, 0), false, "");
  }

  private Entry needed(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw file.refused("tensor '" + name + "' is missing");
    }
    return entry;
  }

  private Dtype dtype(Entry entry) {
    return entry
        .dtype()
        .orElseThrow(() ->
            file.refused(
                "tensor '%s' is neither f32, f16 nor bf16: keys and values are needed as these"
                    .formatted(entry.name())));
  }

  private Measured measured(Entry entry, KindOptions options) {
    AxisOrder order =
        options
            .axes()
            .orElseGet(() -> new AxisOrder(entry.dimensions().size() == 3 ? "htd" : "bhtd"));
    try {
      return order.measure(
          entry.dimensions(),
          entry.dtype().orElseThrow().bytes(),
          options.shape().heads().orElse(0));
    } catch (IllegalArgumentException e) {
      throw file.refused("tensor '%s': %s".formatted(entry.name(), e.getMessage()));
    }
  }

  private static SectionPlace place(int layer, Section section, Entry entry, Measured measured) {
    return new SectionPlace(
        layer,
        section,
        entry.place().offset(),
        measured.headStride(),
        measured.tokenStride(),
        measured.elementStride());
  }
}

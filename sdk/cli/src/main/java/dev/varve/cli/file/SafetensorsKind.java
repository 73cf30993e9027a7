package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.TensorTable.Entry;
import dev.varve.cli.file.TensorTable.Names;
import dev.varve.compression.Section;
import dev.varve.store.LayerShape;
import dev.varve.store.StoreException;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Safetensors: a tensor of keys and one of values for each layer, {@code [heads][tokens][dim]} with
 * or without a batch of one in front.
 */
final class SafetensorsKind implements FileKind {

  static final String NAME = "safetensors";
  private static final String QUERIES = "layers.{layer}.queries";
  private static final String TOKENS = "tokens";
  private static final List<Names> KNOWN =
      List.of(
          Names.of("layers.{layer}.keys", "layers.{layer}.values"),
          Names.of("key_cache.{layer}", "value_cache.{layer}"),
          Names.of("past_key_values.{layer}.key", "past_key_values.{layer}.value"),
          Names.of("k_{layer}", "v_{layer}"));

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    if (file.size() < Long.BYTES + 2) {
      return false;
    }
    long header = file.i64(0, "the header length");
    return header >= 2
        && header <= file.size() - Long.BYTES
        && file.u8(Long.BYTES, "the header") == '{';
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) {
    SafetensorsFile tensors;
    try {
      tensors = SafetensorsFile.open(file.path(), arena);
    } catch (StoreException e) {
      throw new CommandFailure(ExitCode.NO, String.valueOf(e.getMessage()), e);
    }
    TensorTable table = new TensorTable(file);
    long at = Long.BYTES + file.i64(0, "the header length");
    for (Tensor tensor : tensors.tensors().values()) {
      TensorSpec spec = tensor.spec();
      Extent place = new Extent(at, spec.byteSize());
      table.add(new Entry(spec.name(), spec.type().dtype(), spec.shape(), place));
      at = place.end();
    }
    KvLayout.Builder layout = new KvLayout.Builder(NAME);
    KvDescription found = table.describe(table.names(options, KNOWN), options, layout);
    if (CaptureMetadata.isCapture(tensors.metadata())) {
      found = CaptureMetadata.complete(file, tensors.metadata(), found, queryHeads(table));
      queries(file, tensors.metadata(), table, found, layout);
      long count = found.tokens();
      table
          .find(TOKENS)
          .filter(entry -> entry.dimensions().equals(List.of(count)))
          .ifPresent(entry -> layout.tokenIds(entry.place()));
    }
    return new MappedSource(arena, file, found, layout.build(file.size()));
  }

  /** Heads of the queries of the first layer, if they are there in the form of a capture's. */
  private static OptionalInt queryHeads(TensorTable table) {
    Optional<Entry> queries = table.find(NamePattern.of("queries", QUERIES).name(0));
    return queries.isPresent() && queries.get().dimensions().size() == 3
        ? OptionalInt.of((int) Math.min(Integer.MAX_VALUE, queries.get().dimensions().get(0)))
        : OptionalInt.empty();
  }

  private static void queries(
      ForeignFile file,
      Map<String, String> metadata,
      TensorTable table,
      KvDescription found,
      KvLayout.Builder layout) {
    NamePattern names = NamePattern.of("queries", QUERIES);
    for (int layer = 0; layer < found.shape().layerCount(); layer++) {
      Optional<Entry> entry = table.find(names.name(layer));
      if (entry.isEmpty()) {
        continue;
      }
      LayerShape shape = found.shape().layers().get(layer);
      List<Long> dims = entry.get().dimensions();
      if (dims.size() != 3
          || entry.get().dtype().isEmpty()
          || dims.get(0) != shape.queryHeads()
          || dims.get(1) > found.tokens()
          || dims.get(2) != shape.keyDim()) {
        throw file.refused(
            "tensor '%s' has the shape %s, needed is [%d, up to %d, %d]"
                .formatted(
                    entry.get().name(), dims, shape.queryHeads(), found.tokens(), shape.keyDim()));
      }
      layout.queries(
          new QueryPlace(
              layer,
              entry.get().place().offset(),
              shape.queryHeads(),
              Math.toIntExact(dims.get(1)),
              shape.keyDim(),
              CaptureMetadata.queryFirst(file, metadata, found, Math.toIntExact(dims.get(1))),
              entry.get().dtype().get()));
    }
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    Names names =
        options.keys().isPresent()
            ? Names.of(options.keys().get(), options.values().orElseThrow())
            : KNOWN.getFirst();
    List<TensorSpec> specs = new ArrayList<>();
    for (int layer = 0; layer < description.shape().layerCount(); layer++) {
      specs.add(spec(names.keys().name(layer), layer, Section.KEYS, description));
      specs.add(spec(names.values().name(layer), layer, Section.VALUES, description));
    }
    return SafetensorsHeader.plan(specs, description);
  }

  private static TensorSpec spec(
      String name, int layer, Section section, KvDescription description) {
    return TensorSpec.of(
        name,
        TensorType.of(description.shape().dtype()),
        description.shape().layers().get(layer).kvHeads(),
        description.tokens(),
        description.dim(layer, section));
  }
}

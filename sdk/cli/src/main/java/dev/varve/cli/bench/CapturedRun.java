package dev.varve.cli.bench;

import dev.varve.compression.error.AttentionErrorMeter;
import dev.varve.compression.error.AttentionErrorMeter.Cache;
import dev.varve.compression.error.Queries;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keys, values and queries of every layer of a capture, as floats. Immutable. */
final class CapturedRun {
  private final LayerShape shape;
  private final int[] tokens;
  private final List<Layer> layers;

  private CapturedRun(LayerShape shape, int[] tokens, List<Layer> layers) {
    this.shape = shape;
    this.tokens = tokens;
    this.layers = List.copyOf(layers);
  }

  private static final class Layer {
    private final float[] keys;
    private final float[] values;
    private final Queries queries;

    Layer(float[] keys, float[] values, Queries queries) {
      this.keys = keys;
      this.values = values;
      this.queries = queries;
    }
  }

  /**
   * Reads {@code file}.
   *
   * @throws IOException if it holds no queries
   */
  static CapturedRun read(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      SafetensorsFile capture = SafetensorsFile.open(file, arena);
      Map<String, String> metadata = capture.metadata();
      LayerShape shape = shape(metadata);
      List<Layer> layers = new ArrayList<>();
      for (int i = 0; capture.tensors().containsKey("layers." + i + ".keys"); i++) {
        if (!capture.tensors().containsKey("layers." + i + ".queries")) {
          throw new IOException(file + ": there are no queries: capture with --queries last:64");
        }
        Tensor queries = capture.tensor("layers." + i + ".queries");
        int count = Math.toIntExact(queries.spec().shape().get(1));
        layers.add(
            new Layer(
                floats(capture.tensor("layers." + i + ".keys")),
                floats(capture.tensor("layers." + i + ".values")),
                new Queries(
                    shape, count, Integer.parseInt(metadata.get("query_first")), floats(queries))));
      }
      int[] tokens = capture.tensor("tokens").data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
      return new CapturedRun(shape, tokens, layers);
    }
  }

  private static LayerShape shape(Map<String, String> metadata) {
    RopeSpec.Pairing pairing =
        "interleaved".equals(metadata.get("rope_pairing"))
            ? RopeSpec.Pairing.INTERLEAVED
            : RopeSpec.Pairing.HALVES;
    RopeSpec rope =
        RopeSpec.of(
            Integer.parseInt(metadata.get("rope_dims")),
            Double.parseDouble(metadata.get("rope_theta")),
            pairing);
    return LayerShape.grouped(
        Integer.parseInt(metadata.get("query_heads")),
        Integer.parseInt(metadata.get("kv_heads")),
        Integer.parseInt(metadata.get("key_dim")),
        rope);
  }

  private static float[] floats(Tensor tensor) {
    return tensor.data().toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  LayerShape shape() {
    return shape;
  }

  int layers() {
    return layers.size();
  }

  /** The token ids; not a copy. */
  int[] tokens() {
    return tokens;
  }

  /** Passes all whole blocks through {@code coding}; the mean error of attention outputs. */
  double outputError(KvCoding coding, int blockTokens) {
    AttentionErrorMeter meter = new AttentionErrorMeter(shape);
    double sum = 0;
    for (int i = 0; i < layers.size(); i++) {
      Layer layer = layers.get(i);
      float[] keys = layer.keys.clone();
      float[] values = layer.values.clone();
      KvBlocks blocks = new KvBlocks(shape.kvHeads(), tokens.length, shape.keyDim(), blockTokens);
      for (int block = 0; block < tokens.length / blockTokens; block++) {
        blocks.pass(coding, i, block, keys, values);
      }
      Cache exact = new Cache(layer.keys, layer.values);
      sum += meter.measure(exact, new Cache(keys, values), tokens.length, layer.queries).output();
    }
    return sum / layers.size();
  }
}

package dev.varve.cli.capture;

import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The metadata of a capture; {@code docs/formats/capture.md} explains every name. */
public final class Metadata {

  private Metadata() {}

  /**
   * Describes a run.
   *
   * @param layers layers of the model
   * @param shape one of them; all are alike
   * @param source which model
   * @param tokens tokens of the run
   * @param queries queries kept
   */
  public static Map<String, String> of(
      int layers, LayerShape shape, Source source, int tokens, int queries) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("varve.format", "capture");
    metadata.put("varve.version", "1");
    metadata.put("model", source.model());
    metadata.put("model_identity", source.identity());
    metadata.put("layers", Integer.toString(layers));
    metadata.put("query_heads", Integer.toString(shape.queryHeads()));
    metadata.put("kv_heads", Integer.toString(shape.kvHeads()));
    metadata.put("key_dim", Integer.toString(shape.keyDim()));
    metadata.put("value_dim", Integer.toString(shape.valueDim()));
    metadata.put("scale", Float.toString(shape.scale()));
    metadata.put("window", Integer.toString(shape.window()));
    metadata.put("tokens", Integer.toString(tokens));
    metadata.put("query_tokens", Integer.toString(queries));
    metadata.put("query_first", Integer.toString(tokens - queries));
    rope(metadata, shape.rope());
    return metadata;
  }

  /**
   * Which model ran.
   *
   * @param model as the caller named it
   * @param identity digest of its files
   */
  public record Source(String model, String identity) {}

  private static void rope(Map<String, String> metadata, RopeSpec rope) {
    metadata.put("rope_dims", Integer.toString(rope.dims()));
    metadata.put("rope_theta", Double.toString(rope.theta()));
    metadata.put("rope_pairing", rope.pairing().name().toLowerCase(Locale.ROOT));
    metadata.put("rope_stored", rope.stored().name().toLowerCase(Locale.ROOT));
    metadata.put(
        "rope_scaling",
        switch (rope.scaling()) {
          case RopeSpec.Scaling.None() -> "none";
          case RopeSpec.Scaling.Linear(double factor) -> "linear:" + factor;
          case RopeSpec.Scaling.Llama3(double factor, double low, double high, int context) ->
              "llama3:" + factor + "," + low + "," + high + "," + context;
        });
  }
}

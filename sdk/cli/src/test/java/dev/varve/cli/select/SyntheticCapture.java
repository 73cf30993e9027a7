package dev.varve.cli.select;

import dev.varve.store.safetensors.SafetensorsWriter;
import dev.varve.store.safetensors.TensorSpec;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** A capture of random keys, values and queries. */
public final class SyntheticCapture {
  public static final int LAYERS = 2;
  public static final int QUERY_HEADS = 4;
  public static final int KV_HEADS = 2;
  public static final int DIM = 8;

  public final int tokens;
  public final int window;
  public final float[][] keys = new float[LAYERS][];
  public final float[][] queries = new float[LAYERS][];
  public final Map<String, String> metadata = new LinkedHashMap<>();
  private final int[] ids;
  private final SplittableRandom random;

  public SyntheticCapture(long seed, int tokens, int window) {
    this.random = new SplittableRandom(seed);
    this.tokens = tokens;
    this.window = window;
    this.ids = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      ids[i] = 32 + random.nextInt(90);
    }
    for (int layer = 0; layer < LAYERS; layer++) {
      keys[layer] = gaussian(KV_HEADS * tokens * DIM);
      queries[layer] = gaussian(QUERY_HEADS * window * DIM);
    }
    metadata.put("varve.format", "capture");
    metadata.put("varve.version", "1");
    metadata.put("model", "random");
    metadata.put("model_identity", "ab".repeat(32));
    metadata.put("layers", Integer.toString(LAYERS));
    metadata.put("query_first", Integer.toString(tokens - window));
  }

  private float[] gaussian(int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  /** Writes the file. */
  public Path write(Path file) {
    List<TensorSpec> specs = new ArrayList<>();
    specs.add(TensorSpec.of("tokens", TensorType.I32, tokens));
    for (int layer = 0; layer < LAYERS; layer++) {
      specs.add(TensorSpec.of(name(layer, "keys"), TensorType.F32, KV_HEADS, tokens, DIM));
      specs.add(TensorSpec.of(name(layer, "values"), TensorType.F32, KV_HEADS, tokens, DIM));
      if (window > 0) {
        specs.add(TensorSpec.of(name(layer, "queries"), TensorType.F32, QUERY_HEADS, window, DIM));
      }
    }
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, specs)) {
      writer.append("tokens", bytes(MemorySegment.ofArray(ids)));
      for (int layer = 0; layer < LAYERS; layer++) {
        writer.append(name(layer, "keys"), bytes(MemorySegment.ofArray(keys[layer])));
        writer.append(name(layer, "values"), bytes(MemorySegment.ofArray(keys[layer])));
        if (window > 0) {
          writer.append(name(layer, "queries"), bytes(MemorySegment.ofArray(queries[layer])));
        }
      }
      writer.commit();
    }
    return file;
  }

  private static String name(int layer, String what) {
    return "layers." + layer + "." + what;
  }

  private static MemorySegment bytes(MemorySegment values) {
    return MemorySegment.ofArray(values.toArray(ValueLayout.JAVA_BYTE));
  }

  /** A row of keys. */
  public float[] key(int layer, int head, int token) {
    return row(keys[layer], head * tokens + token);
  }

  /** A row of queries. */
  public float[] query(int layer, int head, int step) {
    return row(queries[layer], head * window + step);
  }

  private static float[] row(float[] from, int row) {
    float[] values = new float[DIM];
    System.arraycopy(from, row * DIM, values, 0, DIM);
    return values;
  }
}

package dev.varve.cli.capture;

import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;

/**
 * An open capture, its shapes checked against each other and against the metadata. {@code
 * docs/formats/capture.md} names the tensors and the metadata. Keys and values stay in the mapped
 * file, valid as long as the arena it was opened in.
 */
public final class CaptureFile {
  private final SafetensorsFile file;
  private final LayerShape shape;
  private final int layers;
  private final int tokens;
  private final int queryTokens;
  private final int queryFirst;

  private CaptureFile(SafetensorsFile file) {
    this.file = file;
    String format = file.metadata().getOrDefault("varve.format", "");
    String version = file.metadata().getOrDefault("varve.version", "");
    if (!format.equals("capture")) {
      throw wrong("is no file of varve capture: its varve.format is '" + format + "'");
    }
    if (!version.equals("1")) {
      throw wrong("has version '" + version + "' of the capture format, readable is 1");
    }
    int found = 0;
    while (file.tensors().containsKey(name(found, "keys"))) {
      found++;
    }
    if (found == 0) {
      throw wrong("holds no tensor " + name(0, "keys"));
    }
    this.layers = number("layers", found);
    List<Long> keys = tensor(0, "keys").spec().shape();
    int kvHeads = number("kv_heads", size(keys, 0));
    this.tokens = number("tokens", size(keys, 1));
    int keyDim = number("key_dim", size(keys, 2));
    boolean queried = file.tensors().containsKey(name(0, "queries"));
    List<Long> queries =
        queried ? tensor(0, "queries").spec().shape() : List.of((long) kvHeads, 0L, (long) keyDim);
    int queryHeads = queried ? number("query_heads", size(queries, 0)) : kvHeads;
    this.queryTokens = number("query_tokens", size(queries, 1));
    this.queryFirst = number("query_first", tokens - queryTokens);
    int valueDim = size(tensor(0, "values").spec().shape(), 2);
    try {
      this.shape =
          new LayerShape(
              queryHeads,
              kvHeads,
              keyDim,
              number("value_dim", valueDim),
              scale(keyDim),
              0f,
              RopeSpec.none(),
              Math.max(0, free("window", 0)),
              false,
              OptionalInt.empty());
    } catch (IllegalArgumentException e) {
      throw wrong("has an impossible shape: " + e.getMessage());
    }
    for (int layer = 0; layer < layers; layer++) {
      require(layer, "keys", kvHeads, tokens, keyDim);
      require(layer, "values", kvHeads, tokens, valueDim);
      if (queried) {
        require(layer, "queries", queryHeads, queryTokens, keyDim);
      }
    }
    if (tokens < 1 || queryFirst < 0 || queryTokens > tokens) {
      throw wrong("holds " + queryTokens + " queries of " + tokens + " tokens");
    }
  }

  /**
   * Opens a capture.
   *
   * @throws StoreException if the file is no capture, or its parts contradict each other
   */
  public static CaptureFile open(Path path, Arena arena) {
    return new CaptureFile(SafetensorsFile.open(path, arena));
  }

  /** What all layers look like; the rotary embedding is left out. */
  public LayerShape shape() {
    return shape;
  }

  /** Layers. */
  public int layers() {
    return layers;
  }

  /** Positions of the run. */
  public int tokens() {
    return tokens;
  }

  /** How many of the last positions have their queries in the file. */
  public int queryTokens() {
    return queryTokens;
  }

  /** Position of the first of them. */
  public int queryFirst() {
    return queryFirst;
  }

  /** Digest of the model's files, or nothing if the capture does not tell. */
  public String modelIdentity() {
    return file.metadata().getOrDefault("model_identity", "");
  }

  /** The token ids, or nothing if the capture has none. */
  public int[] tokenIds() {
    Tensor tensor = file.tensors().get("tokens");
    if (tensor == null) {
      return new int[0];
    }
    if (tensor.spec().type() != TensorType.I32
        || !tensor.spec().shape().equals(List.of((long) tokens))) {
      throw wrong("tensor 'tokens' is " + tensor.spec() + ", not I32 of " + tokens);
    }
    return tensor.data().toArray(ValueLayout.JAVA_INT_UNALIGNED);
  }

  /** Keys of a layer, {@code [kvHeads][tokens][keyDim]} in f32. */
  public MemorySegment keys(int layer) {
    return tensor(layer, "keys").data();
  }

  /** Values of a layer, {@code [kvHeads][tokens][valueDim]} in f32. */
  public MemorySegment values(int layer) {
    return tensor(layer, "values").data();
  }

  /** Element type of keys and values. */
  public Dtype dtype() {
    return Dtype.F32;
  }

  /** Copies the queries of one stored step, {@code [queryHeads][keyDim]}. */
  public void queries(int layer, int step, float[] target) {
    MemorySegment data = tensor(layer, "queries").data();
    int dim = shape.keyDim();
    for (int head = 0; head < shape.queryHeads(); head++) {
      long at = ((long) head * queryTokens + step) * dim * Float.BYTES;
      MemorySegment.copy(data, DtypeLayouts.FLOAT, at, target, head * dim, dim);
    }
  }

  private Tensor tensor(int layer, String what) {
    return file.tensor(name(layer, what));
  }

  private static String name(int layer, String what) {
    return "layers." + layer + "." + what;
  }

  private void require(int layer, String what, long... wanted) {
    Tensor tensor = tensor(layer, what);
    List<Long> expected = List.of(wanted[0], wanted[1], wanted[2]);
    if (tensor.spec().type() != TensorType.F32 || !tensor.spec().shape().equals(expected)) {
      throw wrong(
          "tensor '%s' is %s%s, not F32%s"
              .formatted(name(layer, what), tensor.spec().type(), tensor.spec().shape(), expected));
    }
  }

  private int size(List<Long> dimensions, int index) {
    if (dimensions.size() != 3 || dimensions.get(index) > Integer.MAX_VALUE) {
      throw wrong("has a tensor of shape " + dimensions + ", needed are three dimensions");
    }
    return dimensions.get(index).intValue();
  }

  /** What the tensors say, unless the metadata contradict it. */
  private int number(String name, int seen) {
    int said = free(name, seen);
    if (said != seen) {
      throw wrong("says " + name + " is " + said + ", its tensors say " + seen);
    }
    return seen;
  }

  private int free(String name, int fallback) {
    String text = file.metadata().get(name);
    try {
      return text == null ? fallback : Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw wrong(name + " is '" + text + "', not a whole number");
    }
  }

  private float scale(int dim) {
    String text = file.metadata().get("scale");
    try {
      return text == null ? (float) (1 / Math.sqrt(dim)) : Float.parseFloat(text);
    } catch (NumberFormatException e) {
      throw wrong("scale is '" + text + "', not a number");
    }
  }

  private StoreException wrong(String what) {
    return new StoreException(file.path() + ": " + what);
  }
}

package dev.varve.cli.keep;

import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.store.Dtype;
import dev.varve.store.StoreException;
import dev.varve.store.kernel.DtypeLayouts;
import dev.varve.store.safetensors.SafetensorsFile;
import dev.varve.store.safetensors.Tensor;
import dev.varve.store.safetensors.TensorType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** A file of {@code varve capture} as the layers that a policy looks at. */
public final class CaptureFile {
  private final SafetensorsFile file;
  private final CaptureShape shape;
  private final List<Observation> layers = new ArrayList<>();

  private CaptureFile(SafetensorsFile file, CaptureShape shape) {
    this.file = file;
    this.shape = shape;
  }

  /**
   * Maps a file and checks every number of it.
   *
   * @param arena owns the mapping, which the layers borrow
   * @throws StoreException if it is no capture, contradicts its metadata or holds what is no number
   */
  public static CaptureFile open(Path path, Arena arena) {
    SafetensorsFile file = SafetensorsFile.open(path, arena);
    CaptureFile capture = new CaptureFile(file, CaptureShape.of(path, file.metadata()));
    for (int layer = 0; layer < capture.shape.layers(); layer++) {
      capture.layers.add(capture.read(layer));
    }
    return capture;
  }

  /** All layers, in order. */
  public List<Observation> layers() {
    return layers;
  }

  /** Number of tokens. */
  public int tokens() {
    return shape.tokens();
  }

  /** What the file says about itself. */
  public Map<String, String> metadata() {
    return file.metadata();
  }

  private Observation read(int layer) {
    String prefix = "layers." + layer + ".";
    int heads = shape.layer().kvHeads();
    DenseRows keys = rows(prefix + "keys", heads, shape.layer().keyDim());
    DenseRows values = rows(prefix + "values", heads, shape.layer().valueDim());
    Observation observed =
        Observation.prompt(layer, shape.layer(), keys, values, queries(prefix + "queries"));
    return withAttention(observed, prefix + "attention");
  }

  private Observation withAttention(Observation layer, String name) {
    Tensor tensor = file.tensors().get(name);
    if (tensor == null) {
      return layer;
    }
    int heads = shape.layer().queryHeads();
    List<Long> sizes = tensor.spec().shape();
    int rows = sizes.size() == 3 ? (int) Math.min(sizes.get(1), shape.tokens()) : 0;
    tensor(name, heads, rows, shape.tokens());
    float[] values = tensor.data().toArray(DtypeLayouts.FLOAT);
    try {
      return layer.with(new AttentionRows(values, heads, rows, shape.tokens()));
    } catch (IllegalArgumentException e) {
      throw new StoreException(
          "%s: tensor '%s': %s".formatted(file.path(), name, e.getMessage()), e);
    }
  }

  private DenseRows rows(String name, int heads, int dim) {
    Tensor tensor = tensor(name, heads, shape.tokens(), dim);
    return new DenseRows(tensor.data(), Dtype.F32, heads, shape.tokens(), dim);
  }

  private QueryRows queries(String name) {
    if (shape.queries() == 0) {
      return QueryRows.none();
    }
    int heads = shape.layer().queryHeads();
    int dim = shape.layer().keyDim();
    Tensor tensor = tensor(name, heads, shape.queries(), dim);
    float[] values = tensor.data().toArray(DtypeLayouts.FLOAT);
    return new QueryRows(values, heads, shape.queries(), dim, shape.tokens() - shape.queries());
  }

  private Tensor tensor(String name, int heads, int tokens, int dim) {
    Tensor tensor = file.tensor(name);
    List<Long> expected = List.of((long) heads, (long) tokens, (long) dim);
    if (tensor.spec().type() != TensorType.F32 || !tensor.spec().shape().equals(expected)) {
      throw new StoreException(
          "%s: tensor '%s' is %s%s, its metadata promise F32%s"
              .formatted(file.path(), name, tensor.spec().type(), tensor.spec().shape(), expected));
    }
    for (long at = 0; at < tensor.data().byteSize(); at += Float.BYTES) {
      float value = tensor.data().get(DtypeLayouts.FLOAT, at);
      if (!Float.isFinite(value)) {
        throw new StoreException(notFinite(name, at / Float.BYTES, tokens, dim, value));
      }
    }
    return tensor;
  }

  private String notFinite(String name, long element, int tokens, int dim, float value) {
    long token = element / dim % tokens;
    return "%s: tensor '%s' holds %s in head %d, row %d, element %d: needed are finite numbers"
        .formatted(file.path(), name, value, element / dim / tokens, token, element % dim);
  }
}

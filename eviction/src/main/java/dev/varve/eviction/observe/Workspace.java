package dev.varve.eviction.observe;

import dev.varve.store.Dtype;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.DtypeKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.SoftmaxKernel;
import dev.varve.store.kernel.StoredRows;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * Kernels and scratch memory that methods share. Nothing in it outlives a call, so that methods
 * themselves stay values. One per thread; it grows to the largest layer it has seen.
 */
public final class Workspace {
  private final DotKernel dot;
  private final SoftmaxKernel softmax;
  private final Map<Dtype, DtypeKernel> loaders = new EnumMap<>(Dtype.class);
  private final StoredRows stored = new StoredRows();
  private final FloatRows vectors = new FloatRows();
  private final FloatRows products = new FloatRows();
  private float[] floats = {};
  private float[] packed = {};

  /** Kernels of {@code backend}. */
  public Workspace(Backend backend) {
    this.dot = DotKernel.of(backend);
    this.softmax = SoftmaxKernel.of(backend);
    for (Dtype dtype : Dtype.values()) {
      loaders.put(dtype, DtypeKernel.of(backend, dtype));
    }
  }

  /** Turns dot products into shares. */
  public SoftmaxKernel softmax() {
    return softmax;
  }

  /** At least {@code count} floats of any content, the same array for every caller. */
  public float[] floats(int count) {
    if (floats.length < count) {
      floats = new float[count];
    }
    return floats;
  }

  /** Another such array. */
  public float[] packed(int count) {
    if (packed.length < count) {
      packed = new float[count];
    }
    return packed;
  }

  /**
   * Writes the dot product of every row of {@code head} with each of {@code count} vectors.
   *
   * @param from {@code [count][dim]} without gaps
   * @param out row {@code v} begins at {@code v * stride}, element {@code t} belongs to token
   *     {@code t}
   */
  public void multiply(KvRows rows, int head, float[] from, int count, float[] out, int stride) {
    vectors.at(from, 0, rows.dim(), count);
    for (int token = 0; token < rows.tokens(); ) {
      int read = rows.point(stored, head, token, rows.tokens() - token);
      dot.multiply(stored, vectors, products.at(out, token, stride, count));
      token += read;
    }
  }

  /** Reads {@code count} rows of {@code head} from token {@code first} on as floats. */
  public void load(KvRows rows, int head, int first, int count, float[] into) {
    for (int token = first; token < first + count; ) {
      int read = rows.point(stored, head, token, first + count - token);
      DtypeKernel loader = Objects.requireNonNull(loaders.get(stored.dtype()));
      for (int i = 0; i < read; i++) {
        int at = (token - first + i) * rows.dim();
        loader.load(stored.bytes(), stored.offset(i), into, at, rows.dim());
      }
      token += read;
    }
  }

  /** All rows of a head as floats, {@code [tokens][dim]}, in an array of the caller's own. */
  public float[] head(KvRows rows, int head) {
    float[] values = new float[Math.multiplyExact(rows.tokens(), rows.dim())];
    load(rows, head, 0, rows.tokens(), values);
    return values;
  }
}

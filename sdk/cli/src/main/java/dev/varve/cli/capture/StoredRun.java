package dev.varve.cli.capture;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.cli.file.Extent;
import dev.varve.cli.file.FileKinds;
import dev.varve.cli.file.KindOptions;
import dev.varve.cli.file.KvDescription;
import dev.varve.cli.file.KvSource;
import dev.varve.cli.file.QueryPlace;
import dev.varve.cli.file.Rows;
import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Keys, values and queries of one run of a model, from a file of any kind that {@link FileKinds}
 * reads. Keys and values of a layer stay in the mapped file where they lie there head by head, else
 * they are copied once; both are valid as long as the arena. Only captures hold queries, token ids
 * and attention. For one thread.
 */
public final class StoredRun implements AutoCloseable {
  private final Path path;
  private final KvSource source;
  private final KvDescription description;
  private final Optional<CaptureExtras> extras;
  private final Arena arena;
  private final Map<Integer, MemorySegment> keys = new HashMap<>();
  private final Map<Integer, MemorySegment> values = new HashMap<>();
  private final Map<Integer, float[]> queries = new HashMap<>();
  private final int queryTokens;

  private StoredRun(Path path, KvSource source, Optional<CaptureExtras> extras, Arena arena) {
    this.path = path;
    this.source = source;
    this.description = source.description();
    this.extras = extras;
    this.arena = arena;
    boolean everywhere =
        source.layout().queries().size() == source.description().shape().layerCount();
    this.queryTokens =
        everywhere
            ? source.layout().queries().stream().mapToInt(QueryPlace::count).min().orElse(0)
            : 0;
  }

  /**
   * Opens a file.
   *
   * @param kind the name of its kind; found from the content if absent
   * @param arena owns what is read
   * @throws CommandFailure if it cannot be read, holds no token, or its parts contradict each other
   */
  public static StoredRun open(Path path, Optional<String> kind, KindOptions options, Arena arena)
      throws IOException {
    try {
      KvSource source = FileKinds.open(path, kind, options);
      Optional<CaptureExtras> extras = CaptureExtras.of(path, source, arena);
      if (source.description().tokens() < 1) {
        throw new CommandFailure(ExitCode.ENVIRONMENT, path + ": holds no tokens");
      }
      return new StoredRun(path, source, extras, arena);
    } catch (CommandFailure e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }
  }

  /** Layers. */
  public int layers() {
    return description.shape().layerCount();
  }

  /** What a layer looks like; query heads, scale and RoPE are guesses where no file says them. */
  public LayerShape layer(int layer) {
    return description.shape().layers().get(layer);
  }

  /**
   * What all layers look like.
   *
   * @throws CommandFailure if they differ
   */
  public LayerShape shape() {
    for (int layer = 1; layer < layers(); layer++) {
      if (!layer(layer).equals(layer(0))) {
        throw new CommandFailure(
            ExitCode.ENVIRONMENT,
            "%s: layer %d differs from layer 0, and here all must be alike".formatted(path, layer));
      }
    }
    return layer(0);
  }

  /** Positions of the run. */
  public int tokens() {
    return description.tokens();
  }

  /** Element type of keys and values. */
  public Dtype dtype() {
    return description.shape().dtype();
  }

  /** How many of the last positions have their queries in the file. */
  public int queryTokens() {
    return queryTokens;
  }

  /** Position of the first of them. */
  public int queryFirst() {
    return tokens() - queryTokens;
  }

  /** Digest of the model's files, or nothing if the file does not tell. */
  public String modelIdentity() {
    return description.model();
  }

  /** What a capture adds to keys, values and queries. */
  public Optional<CaptureExtras> extras() {
    return extras;
  }

  /** Keys of a layer, {@code [kvHeads][tokens][keyDim]}. */
  public MemorySegment keys(int layer) {
    return keys.computeIfAbsent(layer, any -> read(layer, Section.KEYS));
  }

  /** Values of a layer, {@code [kvHeads][tokens][valueDim]}. */
  public MemorySegment values(int layer) {
    return values.computeIfAbsent(layer, any -> read(layer, Section.VALUES));
  }

  private MemorySegment read(int layer, Section section) {
    MemorySegment rows =
        source.dense(layer, section).orElseGet(() -> copied(layer, section)).asReadOnly();
    new FiniteRows(path, description).check(layer, section, rows);
    return rows;
  }

  private MemorySegment copied(int layer, Section section) {
    int heads = layer(layer).kvHeads();
    int dim = description.dim(layer, section);
    int element = dtype().bytes();
    long headBytes = (long) tokens() * dim * element;
    MemorySegment target = arena.allocate(heads * headBytes, BlockGeometry.ALIGNMENT);
    try {
      source.read(layer, section, new Rows(0, tokens(), heads, dim, element, target, 0, headBytes));
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, path + ": cannot be read: " + e, e);
    } catch (CommandFailure e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, String.valueOf(e.getMessage()), e);
    }
    return target;
  }

  /** Queries of a layer, {@code [queryHeads][queryTokens][keyDim]}; nothing if there are none. */
  public float[] queries(int layer) {
    return queries.computeIfAbsent(layer, any -> readQueries(layer));
  }

  private float[] readQueries(int layer) {
    Optional<QueryPlace> found =
        source.layout().queries().stream().filter(place -> place.layer() == layer).findFirst();
    if (found.isEmpty() || queryTokens == 0) {
      return new float[0];
    }
    QueryPlace place = found.get();
    int floats = place.heads() * place.count() * place.dim();
    float[] read = new float[floats];
    MemorySegment bytes = opaque(new Extent(place.offset(), place.bytes()));
    DtypeKernel.of(Backend.SCALAR, place.dtype()).load(bytes, 0, read, 0, floats);
    new FiniteRows(path, description).check(layer, place, read);
    return read;
  }

  /** Copies the queries of one stored step, {@code [queryHeads][keyDim]}. */
  public void queries(int layer, int step, float[] target) {
    int dim = layer(layer).keyDim();
    for (int head = 0; head < layer(layer).queryHeads(); head++) {
      int at = (head * queryTokens + step) * dim;
      System.arraycopy(queries(layer), at, target, head * dim, dim);
    }
  }

  /** The token ids, or nothing if the file has none. */
  public int[] tokenIds() {
    return source
        .layout()
        .tokenIds()
        .map(place -> opaque(place).toArray(ValueLayout.JAVA_INT_UNALIGNED))
        .orElseGet(() -> new int[0]);
  }

  private MemorySegment opaque(Extent extent) {
    try {
      return source.opaque(extent);
    } catch (IOException e) {
      throw new CommandFailure(ExitCode.ENVIRONMENT, path + ": cannot be read: " + e, e);
    }
  }

  @Override
  public void close() {
    source.close();
  }
}

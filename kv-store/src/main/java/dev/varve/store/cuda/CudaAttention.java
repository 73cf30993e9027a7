package dev.varve.store.cuda;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.util.Optional;

/**
 * Decode attention of one layer on the device: one query token for each sequence, exact over all
 * its tokens or over a ragged selection with a bias for each slot. Rows are split over thread
 * blocks, and the splits folded in ascending order (Flash-Decoding; Dao et al., 2023): the same
 * number of splits gives the same bits. For the thread of its {@link CudaKernels}.
 */
public final class CudaAttention {
  /** Most splits that a launch may have. */
  public static final int MOST_SPLITS = 1024;

  private static final int THREADS = 128;
  private static final String MERGE = "attention_merge";

  private final CudaKernels kernels;
  private final LayerShape shape;
  private final BlockGeometry geometry;
  private final String kernel;
  private final int parts;

  /**
   * Attention for blocks of {@code geometry}.
   *
   * @throws IllegalArgumentException with {@link #refusal}, if there is one
   */
  public CudaAttention(CudaKernels kernels, LayerShape shape, BlockGeometry geometry) {
    refusal(shape, geometry)
        .ifPresent(reason -> {
          throw new IllegalArgumentException(reason);
        });
    this.kernels = kernels;
    this.shape = shape;
    this.geometry = geometry;
    int group = shape.keyDim() == 128 && shape.group() == 1 ? 1 : 4;
    this.parts = Math.ceilDiv(shape.group(), group);
    this.kernel =
        "attention_%s_%d_%d".formatted(CudaKernels.suffix(geometry.dtype()), shape.keyDim(), group);
  }

  /** Why there is no kernel for this layer; empty if there is one. */
  public static Optional<String> refusal(LayerShape shape, BlockGeometry geometry) {
    int dim = shape.keyDim();
    if (shape.valueIsPrefixOfKey() || dim != shape.valueDim() || (dim != 64 && dim != 128)) {
      return Optional.of(
          "attention on a GPU takes heads of 64 or 128 elements, keys as long as values: keys of "
              + dim
              + " and values of "
              + shape.valueDim());
    }
    if (geometry.dtype() == Dtype.F32) {
      return Optional.of("attention on a GPU takes elements of 16 bits: F32");
    }
    if (Integer.bitCount(geometry.tokens()) != 1) {
      return Optional.of(
          "attention on a GPU takes blocks of a power of two of tokens: " + geometry.tokens());
    }
    if (shape.window() != 0) {
      return Optional.of("attention on a GPU reads all tokens, not a window: " + shape.window());
    }
    return Optional.empty();
  }

  /**
   * Loads the kernels now and not at the first launch.
   *
   * @throws CudaException if the device does not take them
   */
  public void load() {
    kernels.load(KernelFile.ATTENTION, kernel);
    kernels.load(KernelFile.ATTENTION, MERGE);
  }

  /** Floats that {@link #attend} needs as scratch. */
  public long scratchFloats(int sequences, int splits) {
    return (long) sequences * shape.queryHeads() * splits * (shape.valueDim() + 1L);
  }

  /**
   * Splits that keep a device busy: as many thread blocks as it can run at a time, but none of
   * fewer than 256 rows.
   */
  public int splits(int sequences, long rowsOfHead, DeviceInfo device) {
    long heads = (long) sequences * shape.kvHeads() * parts;
    long wanted = Math.ceilDiv(3L * device.processors(), heads);
    return (int) Math.clamp(Math.min(wanted, rowsOfHead / 256), 1L, MOST_SPLITS);
  }

  /**
   * Attends one query token of every sequence; {@code stream} does the work.
   *
   * @param queries {@code f32 [sequences][queryHeads][keyDim]}
   * @param scratch {@link #scratchFloats} floats
   * @param out {@code f32 [sequences][queryHeads][valueDim]}, written; zeros where there are no
   *     rows
   * @param lse {@code f32 [sequences][queryHeads]}, written: natural, minus infinity for no rows
   * @param splits thread blocks that share the rows of a head
   */
  public void attend(
      PagedRows rows,
      SelectedRows selected,
      long queries,
      long scratch,
      long out,
      long lse,
      int splits,
      CudaStream stream) {
    Checks.inRange(splits, 1, MOST_SPLITS, "splits");
    int dim = shape.valueDim();
    int queryHeads = shape.queryHeads();
    long partialLse = scratch + (long) rows.sequences() * queryHeads * splits * dim * Float.BYTES;
    kernels
        .arguments()
        .with(rows.blocks())
        .with(rows.firstBlock())
        .with(rows.tokens())
        .with(selected.positions())
        .with(selected.ranges())
        .with(selected.bias())
        .with(queries)
        .with(scratch)
        .with(partialLse)
        .with(geometry.valuesOffset())
        .with(shape.kvHeads())
        .with(shape.group())
        .with(Integer.numberOfTrailingZeros(geometry.tokens()))
        .with(shape.scale())
        .with(shape.logitSoftCap());
    LaunchGrid grid = new LaunchGrid(splits, shape.kvHeads() * parts, rows.sequences(), THREADS, 0);
    kernels.launch(KernelFile.ATTENTION, kernel, grid, stream);
    kernels.arguments().with(scratch).with(partialLse).with(out).with(lse).with(dim).with(splits);
    kernels.launch(
        KernelFile.ATTENTION, MERGE, LaunchGrid.of(queryHeads, rows.sequences(), dim), stream);
  }
}

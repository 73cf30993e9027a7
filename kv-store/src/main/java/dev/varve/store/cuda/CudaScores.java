package dev.varve.store.cuda;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Checks;
import dev.varve.store.Dtype;

/**
 * Scores of keys, pages and centroids on the device, and votes made of them. All addresses are of
 * the device; scores are {@code f32}. For the thread of its {@link CudaKernels}.
 */
public final class CudaScores {

  /** How the scores of a group's query heads become one. */
  public enum Reduction {
    /** They stay apart. */
    NONE(0),
    /** The largest. */
    MAX(1),
    /** The sum. */
    SUM(2);

    private final int code;

    Reduction(int code) {
      this.code = code;
    }
  }

  private static final int WARPS = 4;
  private static final int THREADS = 256;
  private static final int PIECES = 32;

  private final CudaKernels kernels;

  /** Scores by these kernels. */
  public CudaScores(CudaKernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Dot products with all keys of a sequence: {@code out[kvHead][g][token]}. Blocks are as {@link
   * CudaAttention#refusal} wants them.
   *
   * @param blocks the address of each block, {@code u64}
   * @param queries {@code f32 [kvHeads][group][keyDim]}
   */
  public void keys(
      BlockGeometry geometry,
      int group,
      long blocks,
      int tokens,
      long queries,
      long out,
      CudaStream stream) {
    int each = geometry.keyDim() == 128 && group == 1 ? 1 : 4;
    String kernel =
        "score_keys_%s_%d_%d"
            .formatted(CudaKernels.suffix(geometry.dtype()), geometry.keyDim(), each);
    kernels
        .arguments()
        .with(blocks)
        .with(queries)
        .with(out)
        .with(tokens)
        .with(group)
        .with(Integer.numberOfTrailingZeros(geometry.tokens()));
    int y = geometry.kvHeads() * Math.ceilDiv(group, each);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(tokens, 32), y, 128);
    kernels.launch(KernelFile.SCORES, kernel, grid, stream);
  }

  /**
   * Dot products of rows with the vectors of their head: bounds of pages, means, centroids.
   *
   * @param rows {@code [kvHeads][count][columns]} of {@code dtype}
   * @param vectors {@code f32 [kvHeads][group][columns]}
   * @param out {@code [kvHeads][group][count]}, or without the group if it is reduced
   */
  public void rows(
      Dtype dtype,
      int kvHeads,
      int group,
      long rows,
      int count,
      int columns,
      long vectors,
      Reduction reduction,
      long out,
      CudaStream stream) {
    kernels
        .arguments()
        .with(rows)
        .with(vectors)
        .with(out)
        .with(count)
        .with(columns)
        .with(group)
        .with(reduction.code);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(count, WARPS), kvHeads, WARPS * 32);
    String kernel = "score_rows_" + CudaKernels.suffix(dtype);
    kernels.launch(KernelFile.SCORES, kernel, grid, stream);
  }

  /**
   * Dot products with keys kept as codes of {@code bits} bits, rows of 4-bit codes planar.
   *
   * @param codes {@code [kvHeads][count][columns * bits / 8]} bytes
   * @param vectors queries times the scales of the columns, {@code f32 [kvHeads][group][columns]}
   * @param constants dot products of the queries with the zeros, {@code f32 [kvHeads][group]}
   * @param out {@code [kvHeads][group][count]}
   */
  public void codes(
      int bits,
      int kvHeads,
      int group,
      long codes,
      int count,
      int columns,
      long vectors,
      long constants,
      long out,
      CudaStream stream) {
    if (bits != 4 && bits != 8) {
      throw new IllegalArgumentException("codes have 8 or 4 bits: " + bits);
    }
    kernels
        .arguments()
        .with(codes)
        .with(vectors)
        .with(constants)
        .with(out)
        .with(count)
        .with(columns)
        .with(group)
        .with(bits);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(count, WARPS), kvHeads, WARPS * 32);
    kernels.launch(KernelFile.SCORES, "score_codes", grid, stream);
  }

  /** Floats that {@link #votes} needs as scratch. */
  public long scratchFloats(int rows) {
    return rows * (2L * PIECES + 1);
  }

  /**
   * Soft votes: each row shares out one vote over the scores it sees by their softmax, and the
   * votes of the rows of a group are added.
   *
   * @param scores {@code [groups][rowsOfGroup][count]}
   * @param visible how many scores each row sees, {@code u32}; 0 for all
   * @param scale factor on the scores
   * @param scratch {@link #scratchFloats} floats for all rows
   * @param votes {@code [groups][count]}, written
   */
  public void votes(
      long scores,
      long visible,
      int groups,
      int rowsOfGroup,
      int count,
      float scale,
      long scratch,
      long votes,
      CudaStream stream) {
    int rows = Checks.inRange(Math.multiplyExact(groups, rowsOfGroup), 1, 65535, "rows");
    long sums = scratch + (long) rows * PIECES * Float.BYTES;
    long lse = sums + (long) rows * PIECES * Float.BYTES;
    kernels.arguments().with(scores).with(visible).with(scratch).with(sums).with(count).with(scale);
    kernels.launch(
        KernelFile.SCORES, "softmax_pieces", LaunchGrid.of(PIECES, rows, THREADS), stream);
    kernels.arguments().with(scratch).with(sums).with(lse).with(rows).with(PIECES);
    kernels.launch(
        KernelFile.SCORES, "softmax_rows", LaunchGrid.of(Math.ceilDiv(rows, 128), 1, 128), stream);
    kernels
        .arguments()
        .with(scores)
        .with(lse)
        .with(visible)
        .with(votes)
        .with(count)
        .with(rowsOfGroup)
        .with(scale);
    kernels.launch(
        KernelFile.SCORES,
        "soft_votes",
        LaunchGrid.of(CudaKernels.blocks(count, THREADS), groups, THREADS),
        stream);
  }

  /**
   * The largest score of the window around each.
   *
   * @param scores {@code [rows][count]}
   * @param window odd
   * @param pooled {@code [rows][count]}, written; not {@code scores}
   */
  public void maxPool(
      long scores, int rows, int count, int window, long pooled, CudaStream stream) {
    if (Checks.positive(window, "window") % 2 == 0) {
      throw new IllegalArgumentException("window must be odd: " + window);
    }
    kernels.arguments().with(scores).with(pooled).with(count).with(window);
    kernels.launch(
        KernelFile.SCORES,
        "max_pool",
        LaunchGrid.of(CudaKernels.blocks(count, THREADS), rows, THREADS),
        stream);
  }

  /**
   * The assignment step of k-means: gives each vector the label of the centre with the largest dot
   * product less half of the centre's square, the lower of equals.
   *
   * @param vectors {@code f32 [count][dim]}
   * @param centres {@code f32 [clusters][dim]}
   * @param halfSquares {@code f32 [clusters]}
   * @param labels {@code u32 [count]}, read and written
   * @param changes one {@code u32}, to which the number of labels that changed is added
   */
  public void assign(
      long vectors,
      long centres,
      long halfSquares,
      long labels,
      long changes,
      int count,
      int clusters,
      int dim,
      CudaStream stream) {
    kernels
        .arguments()
        .with(vectors)
        .with(centres)
        .with(halfSquares)
        .with(labels)
        .with(changes)
        .with(count)
        .with(clusters)
        .with(dim);
    kernels.launch(
        KernelFile.SCORES,
        "assign_centres",
        LaunchGrid.of(CudaKernels.blocks(count, WARPS), 1, WARPS * 32),
        stream);
  }
}

package dev.varve.store.cuda;

import dev.varve.store.BlockGeometry;

/**
 * Lays rows that are scattered side by side, from device memory or from pinned host memory. For the
 * thread of its {@link CudaKernels}.
 */
public final class CudaGather {
  private static final int THREADS = 256;
  private static final int WARPS = THREADS / 32;
  private static final int PLACED = 4;
  private static final String PLACE = "place_rows";

  private final CudaKernels kernels;

  /** Copies by these kernels. */
  public CudaGather(CudaKernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Copies rows that begin anywhere.
   *
   * @param sources the address of each row, {@code u64} on the device; multiples of 16
   * @param rowBytes bytes of a row, a multiple of 16
   * @param target {@code [rows][rowBytes]} on the device, written
   */
  public void rows(long sources, int rows, int rowBytes, long target, CudaStream stream) {
    check(rowBytes);
    kernels.arguments().with(sources).with(target).with(rowBytes).with(rows);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(rows, WARPS), 1, THREADS);
    kernels.launch(KernelFile.GATHER, "gather_rows", grid, stream);
  }

  /**
   * Copies the keys and values of one sequence that a selection names, head after head.
   *
   * @param blocks the address of each block, {@code u64}: on the device, or pinned
   * @param selected what to copy; its bias is not looked at
   * @param mostRows rows of the head that has the most
   * @param keys {@code [rows][keyDim]} on the device, written
   * @param values {@code [rows][valueDim]} on the device, written
   */
  public void selection(
      BlockGeometry geometry,
      long blocks,
      SelectedRows selected,
      int mostRows,
      long keys,
      long values,
      CudaStream stream) {
    int rowBytes = Math.toIntExact(geometry.keyRowBytes());
    check(rowBytes);
    if (geometry.valueIsPrefixOfKey()
        || geometry.keyDim() != geometry.valueDim()
        || Integer.bitCount(geometry.tokens()) != 1) {
      throw new IllegalArgumentException(
          "selections are gathered from blocks of a power of two of tokens with keys as long as"
              + " values: "
              + geometry);
    }
    kernels
        .arguments()
        .with(blocks)
        .with(selected.positions())
        .with(selected.ranges())
        .with(keys)
        .with(values)
        .with(geometry.valuesOffset())
        .with(rowBytes)
        .with(Integer.numberOfTrailingZeros(geometry.tokens()));
    LaunchGrid grid =
        LaunchGrid.of(CudaKernels.blocks(mostRows, WARPS), geometry.kvHeads(), THREADS);
    kernels.launch(KernelFile.GATHER, "gather_selection", grid, stream);
  }

  /**
   * Where the rows of tokens and heads lie, in bytes on the device; all multiples of 4.
   *
   * @param address of token 0, head 0
   * @param tokenStride from one token to the next
   * @param headStride from one head to the next
   */
  public record Strides(long address, long tokenStride, long headStride) {

    /** Whether {@link #place} takes them. */
    public boolean aligned() {
      return (address | tokenStride | headStride) % PLACED == 0;
    }
  }

  /**
   * Copies rows of tokens and heads from one order to another, both on the device.
   *
   * @param rowBytes bytes of one head of one token, a multiple of 4
   */
  public void place(
      Strides from, Strides to, int tokens, int heads, int rowBytes, CudaStream stream) {
    if (!from.aligned() || !to.aligned() || rowBytes % PLACED != 0) {
      throw new IllegalArgumentException(
          "rows are placed by %d bytes: %s to %s, rows of %d"
              .formatted(PLACED, from, to, rowBytes));
    }
    kernels
        .arguments()
        .with(from.address())
        .with(to.address())
        .with(from.tokenStride())
        .with(from.headStride())
        .with(to.tokenStride())
        .with(to.headStride())
        .with(tokens)
        .with(rowBytes);
    LaunchGrid grid = LaunchGrid.of(CudaKernels.blocks(tokens, WARPS), heads, THREADS);
    kernels.launch(KernelFile.GATHER, PLACE, grid, stream);
  }

  /** Loads the kernel of {@link #place} now and not at its first launch. */
  public void loadPlace() {
    kernels.load(KernelFile.GATHER, PLACE);
  }

  private static void check(int rowBytes) {
    if (rowBytes <= 0 || rowBytes % 16 != 0) {
      throw new IllegalArgumentException("rows must be multiples of 16 bytes: " + rowBytes);
    }
  }
}

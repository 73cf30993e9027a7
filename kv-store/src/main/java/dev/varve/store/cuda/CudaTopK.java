package dev.varve.store.cuda;

import dev.varve.store.Checks;

/**
 * The places of the largest of many scores, on the device: a radix search for the threshold, then
 * one ordered pass. Exact as {@link dev.varve.store.kernel.TopKKernel} is: of equal scores the
 * lower place wins, and NaN counts as negative infinity. For the thread of its {@link CudaKernels}.
 */
public final class CudaTopK {
  private static final int THREADS = 1024;

  private final CudaKernels kernels;

  /** Selection by these kernels. */
  public CudaTopK(CudaKernels kernels) {
    this.kernels = kernels;
  }

  /**
   * Writes the places of the {@code k} largest of each row, ascending; the first {@code count} if
   * {@code k} is more.
   *
   * @param scores {@code f32 [rows][count]} on the device
   * @param places {@code u32 [rows][k]} on the device, written
   */
  public void select(long scores, int rows, int count, int k, long places, CudaStream stream) {
    Checks.positive(count, "count");
    Checks.positive(k, "k");
    kernels.arguments().with(scores).with(places).with(count).with(k);
    kernels.launch(KernelFile.TOPK, "top_k", LaunchGrid.of(rows, 1, THREADS), stream);
  }
}

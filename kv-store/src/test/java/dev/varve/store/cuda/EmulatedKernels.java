package dev.varve.store.cuda;

/** Kernels as the processor runs them. */
public interface EmulatedKernels {

  /** Whether there is a kernel of this name. */
  boolean has(String name);

  /**
   * Runs a kernel to its end.
   *
   * @param values its arguments, eight bytes each
   */
  void run(String name, LaunchGrid grid, byte[] values);
}

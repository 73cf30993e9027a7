package dev.varve.store.cuda;

/**
 * The GPU had an error after which it answers no more calls of this process. What lay in its memory
 * is lost; close the cache and open it again in a new process.
 */
public final class LostDeviceException extends CudaException {
  private static final long serialVersionUID = 1L;

  /** As {@link CudaException}. */
  public LostDeviceException(int code, String what) {
    super(
        code,
        "the GPU is lost to this process, and with it what lay in its memory (lower tiers keep"
            + " their copies; restart to use it again): "
            + what);
  }
}

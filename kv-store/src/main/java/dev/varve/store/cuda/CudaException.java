package dev.varve.store.cuda;

import dev.varve.store.StoreException;

/** A call of the CUDA driver failed. */
public class CudaException extends StoreException {
  private static final long serialVersionUID = 1L;

  private final int code;

  /**
   * A failed call.
   *
   * @param code what the driver returned
   * @param what the call, and what it was for
   */
  public CudaException(int code, String what) {
    super(what + " failed: " + CudaError.describe(code));
    this.code = code;
  }

  /** What the driver returned. */
  public int code() {
    return code;
  }
}

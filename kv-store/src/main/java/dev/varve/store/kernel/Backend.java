package dev.varve.store.kernel;

/** Which implementation of the kernels runs. */
public enum Backend {
  /** Plain Java; always there, and the judge of the others. */
  SCALAR,
  /** The Vector API; needs {@code --add-modules jdk.incubator.vector}. */
  VECTOR
}

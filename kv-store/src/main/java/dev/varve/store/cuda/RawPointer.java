package dev.varve.store.cuda;

import jcuda.Pointer;

/** A host address of any size, for calls that take a pointer. Keeps nothing alive. */
final class RawPointer extends Pointer {

  RawPointer(long address) {
    super(address);
  }

  /** A pointer that a call fills. */
  RawPointer() {}

  long address() {
    return getNativePointer();
  }
}

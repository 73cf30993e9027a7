package dev.varve.store.cuda;

import jcuda.driver.CUdeviceptr;

/** A device address, for calls that take one. */
final class DevicePointer extends CUdeviceptr {

  DevicePointer(long address) {
    super(new CUdeviceptr(), address);
  }

  /** A pointer that a call fills. */
  DevicePointer() {}

  long address() {
    return getNativePointer() + getByteOffset();
  }
}

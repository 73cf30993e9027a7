package dev.varve.compression.quantize;

import dev.varve.store.cuda.KernelDevice;

class EmulatedCudaQuantizerTest extends CudaQuantizerContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

package dev.varve.compression.entropy;

import dev.varve.store.cuda.KernelDevice;

class EmulatedCudaRansTest extends CudaRansContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

package dev.varve.attention;

import dev.varve.store.cuda.KernelDevice;

class EmulatedCudaAttentionTest extends CudaAttentionContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

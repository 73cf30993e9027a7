package dev.varve.compression.quantize;

import dev.varve.store.cuda.KernelDevice;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuCudaQuantizerTest extends CudaQuantizerContract {

  @Override
  KernelDevice open() {
    return KernelDevice.gpu();
  }
}

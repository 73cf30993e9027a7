package dev.varve.attention;

import dev.varve.store.cuda.KernelDevice;
import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuCudaAttentionTest extends CudaAttentionContract {

  @Override
  KernelDevice open() {
    return KernelDevice.gpu();
  }
}

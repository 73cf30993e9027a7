package dev.varve.attention;

import dev.varve.store.cuda.KernelDevice;
import org.junit.jupiter.api.Tag;

@Tag("tool")
class EmulatedCudaAttentionTest extends CudaAttentionContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

package dev.varve.compression.entropy;

import dev.varve.store.cuda.KernelDevice;
import org.junit.jupiter.api.Tag;

@Tag("tool")
class EmulatedCudaRansTest extends CudaRansContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

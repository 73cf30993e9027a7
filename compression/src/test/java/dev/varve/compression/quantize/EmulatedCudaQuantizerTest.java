package dev.varve.compression.quantize;

import dev.varve.store.cuda.KernelDevice;
import org.junit.jupiter.api.Tag;

@Tag("tool")
class EmulatedCudaQuantizerTest extends CudaQuantizerContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

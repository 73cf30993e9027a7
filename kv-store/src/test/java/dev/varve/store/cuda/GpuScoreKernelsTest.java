package dev.varve.store.cuda;

import org.junit.jupiter.api.Tag;

@Tag("gpu")
class GpuScoreKernelsTest extends ScoreKernelsContract {

  @Override
  KernelDevice open() {
    return KernelDevice.gpu();
  }
}

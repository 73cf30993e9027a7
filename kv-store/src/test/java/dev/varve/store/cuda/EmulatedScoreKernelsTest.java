package dev.varve.store.cuda;

import org.junit.jupiter.api.Tag;

@Tag("tool")
class EmulatedScoreKernelsTest extends ScoreKernelsContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

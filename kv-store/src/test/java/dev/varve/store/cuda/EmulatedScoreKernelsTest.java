package dev.varve.store.cuda;

class EmulatedScoreKernelsTest extends ScoreKernelsContract {

  @Override
  KernelDevice open() {
    return KernelDevice.emulated();
  }
}

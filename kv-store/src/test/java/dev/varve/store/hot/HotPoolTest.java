package dev.varve.store.hot;

class HotPoolTest extends HotPoolContract {

  @Override
  protected HotPool open(long capacityBytes, long blockBytes) {
    return new HotPool(capacityBytes, blockBytes);
  }
}

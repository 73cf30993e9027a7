package dev.varve.sidecar.resp;

/** Grants up to a limit and counts what is out. */
final class CountingMemory implements Memory {

  private final long limit;
  private long taken;
  private long most;

  CountingMemory(long limit) {
    this.limit = limit;
  }

  @Override
  public boolean reserve(long bytes) {
    if (taken + bytes > limit) {
      return false;
    }
    taken += bytes;
    most = Math.max(most, taken);
    return true;
  }

  @Override
  public void release(long bytes) {
    taken -= bytes;
  }

  long taken() {
    return taken;
  }

  long most() {
    return most;
  }
}

package dev.varve.sidecar.resp;

/** Grants the memory that the arguments of requests take. */
public interface Memory {

  /**
   * Takes {@code bytes}, or says that they are not there yet: then the caller tries again later.
   */
  boolean reserve(long bytes);

  /** Gives back what was taken; on any thread. */
  void release(long bytes);

  /** Memory without an end. */
  Memory UNLIMITED =
      new Memory() {
        @Override
        public boolean reserve(long bytes) {
          return true;
        }

        @Override
        public void release(long bytes) {}
      };
}

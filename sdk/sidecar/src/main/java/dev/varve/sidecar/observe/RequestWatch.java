package dev.varve.sidecar.observe;

/** Hears of every request once it was run. Called by many threads at once; must not wait. */
public interface RequestWatch {

  /** Nobody listens. */
  RequestWatch NONE =
      new RequestWatch() {
        @Override
        public void ran(Observed observed) {}

        @Override
        public boolean listening() {
          return false;
        }
      };

  /** A request was run; what is given is valid during the call only. */
  void ran(Observed observed);

  /** Whether anybody listens, so that times need be taken. */
  default boolean listening() {
    return true;
  }
}

package dev.varve.sidecar.status;

/** The store, as far as it is looked at and administered from outside. Thread-safe. */
public interface StoreView {

  /** What it holds now; may walk over all that it knows. */
  StoreState look();

  /** Deletes every value of every tenant; returns how many. */
  long deleteAll();
}

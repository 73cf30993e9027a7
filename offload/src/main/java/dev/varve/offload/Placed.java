package dev.varve.offload;

/** What became of blocks that were to be stored together. */
public enum Placed {
  /** All of them are stored. */
  STORED,
  /** None: the quota of their tenant has no room, and nothing of it may leave. */
  ABOVE_QUOTA,
  /** None: the tier has no room, and nothing there may leave. */
  NO_ROOM
}

package dev.varve.sidecar.stream;

/** How a chunk is sent. */
public sealed interface StreamChoice {

  /**
   * As blocks.
   *
   * @param level number of the level
   */
  record AtLevel(int level) implements StreamChoice {}

  /** As token ids: the engine computes it. */
  record AsText() implements StreamChoice {}
}

package dev.varve.sidecar.stream;

/** What the chunks of a stream cost. Levels are numbered, the least lossy is 0. */
public interface StreamCosts {

  /** Number of chunks, at least one. */
  int chunks();

  /** Number of levels, at least one. */
  int levels();

  /** Bytes of a chunk at a level. */
  long bytes(int chunk, int level);

  /** Time the receiver needs to decode them, while it receives the next chunk. */
  double decodeSeconds(int chunk, int level);

  /** Time the engine needs to compute the chunk instead; infinite if that is not known. */
  double recomputeSeconds(int chunk);
}

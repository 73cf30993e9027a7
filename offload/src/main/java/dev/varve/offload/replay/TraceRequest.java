package dev.varve.offload.replay;

/**
 * One request of a trace.
 *
 * <p>Immutable by convention: the arrays it shows are its own and must not be changed.
 */
public final class TraceRequest {

  private final long millis;
  private final int tokens;
  private final long[] chunks;

  /**
   * @param millis time of arrival
   * @param tokens length of the prompt
   * @param chunks names of the prompt's chunks from the front, each of a whole prefix; kept
   */
  public TraceRequest(long millis, int tokens, long[] chunks) {
    this.millis = millis;
    this.tokens = tokens;
    this.chunks = chunks;
  }

  /** Time of arrival in milliseconds. */
  public long millis() {
    return millis;
  }

  /** Length of the prompt. */
  public int tokens() {
    return tokens;
  }

  /** Number of chunks of the prompt. */
  public int length() {
    return chunks.length;
  }

  /** The name of a chunk of the prompt. */
  public long chunk(int index) {
    return chunks[index];
  }

  /** The prompt's chunks from the front, not copied. */
  long[] chunks() {
    return chunks;
  }
}

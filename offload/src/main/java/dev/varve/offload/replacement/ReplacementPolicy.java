package dev.varve.offload.replacement;

/**
 * Decides which chunk leaves one tier when that tier is full. The owner of the tier knows what is
 * present and how much room it takes; the policy knows what was asked for and when.
 *
 * <p>For each request the owner calls {@link #begin} once and then, from the front of the prompt,
 * {@link #hit} for a chunk that is present and {@link #admitted} for one that was just entered.
 * While the tier holds more than it may, it calls {@link #evict} and drops what comes back; a chunk
 * that comes back right after it was admitted was refused. A victim that may not leave now, because
 * a session holds it, is admitted again.
 *
 * <p>Chunks are named by 64 bits of their chain key. For one thread.
 */
public interface ReplacementPolicy {

  /** Names no chunk: the parent of the first chunk of a chain. */
  long NONE = Long.MIN_VALUE;

  /**
   * A request begins.
   *
   * @param millis time of its arrival, on any clock that does not run backwards
   * @param chunks the chunks of its prompt from the front; borrowed until the call returns
   */
  default void begin(long millis, long[] chunks) {}

  /** The request found this chunk present. */
  void hit(Visit visit);

  /** The request did not find this chunk; it was computed and entered. */
  void admitted(Visit visit);

  /**
   * Chooses a chunk to leave and counts it as absent.
   *
   * @throws java.util.NoSuchElementException if nothing is present
   */
  long evict();

  /** The chunk left for another reason: deleted, expired or damaged. Absent chunks are ignored. */
  void removed(long chunk);
}

package dev.varve.offload.replacement;

/**
 * Sorts touches of chunks into classes whose reuse is learnt together. What decides: how often the
 * chunk was asked for before, how many chunks its prompt adds to what is known, whether the prompt
 * goes on from a known one, and whether the chunk's span is full.
 *
 * <p>A prompt is described by one number, made when it arrives, and the class of a chunk by that
 * and the chunk's own past.
 */
final class ReuseClass {

  static final int LEVELS = 8;

  /** Number of classes. */
  static final int CLASSES = 2 * LEVELS * LEVELS + 3;

  /** A chunk whose parent is absent: no prompt can use it. */
  static final int ORPHAN = CLASSES - 1;

  /** A chunk whose conversation went on from one of its ancestors along another branch. */
  static final int LEFT_BEHIND = CLASSES - 2;

  static final int PARTIAL = CLASSES - 3;

  private ReuseClass() {}

  /**
   * Describes a prompt.
   *
   * @param chunks chunks of the prompt
   * @param known how many of them, from the front, were asked for before
   */
  static int prompt(int chunks, int known) {
    boolean goesOn = 4L * known >= chunks;
    return (goesOn ? LEVELS : 0) + Math.min(LEVELS - 1, log2(chunks - known + 1));
  }

  /** The class of a chunk asked for {@code hits} times before, in a prompt of this description. */
  static int of(int prompt, int hits, boolean whole) {
    return whole ? prompt * LEVELS + hitLevel(hits) : PARTIAL;
  }

  private static int hitLevel(int hits) {
    return hits < 3 ? hits : Math.min(LEVELS - 1, 1 + log2(hits + 1));
  }

  private static int log2(int value) {
    return 31 - Integer.numberOfLeadingZeros(value);
  }
}

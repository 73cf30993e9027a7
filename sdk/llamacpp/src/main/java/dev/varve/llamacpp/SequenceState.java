package dev.varve.llamacpp;

import java.lang.foreign.MemorySegment;

/**
 * Keys and values of some tokens as the engine writes them, checked to the last byte of its frame.
 * Borrowed memory: valid as long as the arena that it was written in.
 */
public final class SequenceState {

  private final StateLayout layout;
  private final int[] positions;
  private final MemorySegment bytes;

  SequenceState(StateLayout layout, int[] positions, MemorySegment bytes) {
    this.layout = layout;
    this.positions = positions;
    this.bytes = bytes;
  }

  /** The bytes. */
  public MemorySegment bytes() {
    return bytes;
  }

  /** Tokens it holds. */
  public int tokens() {
    return positions.length;
  }

  /** Position of a token, in the order of the cells. */
  public int position(int cell) {
    return positions[cell];
  }

  StateLayout layout() {
    return layout;
  }

  /** Whether its cells are the positions from {@code first} on, in order. */
  boolean consecutiveFrom(int first) {
    for (int i = 0; i < positions.length; i++) {
      if (positions[i] != first + i) {
        return false;
      }
    }
    return true;
  }
}

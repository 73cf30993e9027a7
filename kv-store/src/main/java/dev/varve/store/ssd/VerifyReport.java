package dev.varve.store.ssd;

import java.util.List;

/**
 * What {@link StoreMaintenance#verify} found.
 *
 * @param blocks that the index names and that passed every check
 * @param payloadBytes of them
 * @param records found in the segments, removed ones not counted
 * @param unnamed of these, those that the index does not name and no newer record replaces: put but
 *     not yet indexed, or removed, when the process was stopped
 * @param damages how many checks failed
 * @param firstDamages the first of them, a sentence each
 * @param cleanlyClosed whether the store was closed, not cut off
 */
public record VerifyReport(
    long blocks,
    long payloadBytes,
    long records,
    long unnamed,
    long damages,
    List<String> firstDamages,
    boolean cleanlyClosed) {

  /** Whether everything that the store names is there and whole. */
  public boolean sound() {
    return damages == 0;
  }
}

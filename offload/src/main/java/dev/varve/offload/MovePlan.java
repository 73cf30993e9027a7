package dev.varve.offload;

import java.util.List;

/**
 * Which blocks leave HOT, coldest chunk first. A value: making it changes nothing.
 *
 * @param moves blocks to leave
 * @param slotsWanted slots the plan was asked to free; more than {@code moves} when nothing else
 *     may leave, less when whole chunks leave
 */
public record MovePlan(List<Move> moves, int slotsWanted) {

  public MovePlan {
    moves = List.copyOf(moves);
  }
}

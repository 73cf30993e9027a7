package dev.varve.attention.select;

/**
 * What a selector did so far.
 *
 * @param steps steps in all
 * @param whole steps that read everything visible
 * @param reused steps that reused earlier picks
 * @param building steps, among all, in which tokens outside the newest ones were read because the
 *     index did not hold them yet
 * @param bytesScored bytes of summaries or keys that were read to choose
 */
public record SelectorStats(long steps, long whole, long reused, long building, long bytesScored) {

  /** Both together. */
  public SelectorStats plus(SelectorStats other) {
    return new SelectorStats(
        steps + other.steps,
        whole + other.whole,
        reused + other.reused,
        building + other.building,
        bytesScored + other.bytesScored);
  }
}

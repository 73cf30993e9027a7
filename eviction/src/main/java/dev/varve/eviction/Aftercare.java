package dev.varve.eviction;

import java.util.OptionalInt;

/**
 * What happens beyond one choice of tokens.
 *
 * @param renumber turn the kept keys to positions 0, 1, 2 and so on
 * @param every forget again after so many decoded tokens; empty for the end of the prompt only
 */
public record Aftercare(boolean renumber, OptionalInt every) {

  /** Nothing further. */
  public static Aftercare none() {
    return new Aftercare(false, OptionalInt.empty());
  }
}

package dev.varve.eviction;

import dev.varve.eviction.online.OnlineEviction;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What happens beyond one choice of tokens.
 *
 * @param renumber turn the kept keys to positions 0, 1, 2 and so on
 * @param every forget again after so many decoded tokens; empty for the end of the prompt only
 * @param online what goes for each decoded token from then on; empty for nothing
 * @param parks what is forgotten stays stored, far away
 * @param low what becomes of tokens that are not kept
 */
public record Aftercare(
    boolean renumber,
    OptionalInt every,
    Optional<OnlineEviction> online,
    boolean parks,
    LowPrecision low) {

  /** Nothing further. */
  public static Aftercare none() {
    return new Aftercare(false, OptionalInt.empty(), Optional.empty(), false, LowPrecision.DROP);
  }
}

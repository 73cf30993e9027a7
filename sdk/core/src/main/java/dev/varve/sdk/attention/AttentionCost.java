package dev.varve.sdk.attention;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.Locale;
import java.util.OptionalDouble;

/**
 * A decision about one block that is not hot, with what it was made from: both ways as they were
 * measured lately, reading and attending together, on the threads that attend.
 *
 * @param tier where the block lies
 * @param encoding how that tier writes such blocks
 * @param bytes of the block as it would be raw
 * @param queries that attend to each of its rows, counted for the layer's KV heads together
 * @param chosenRows whether only some of its rows are attended
 * @param bringUpSeconds what copying it to hot memory and attending there is predicted to take;
 *     empty before the first
 * @param inPlaceSeconds what attending where it lies is predicted to take; empty before the first
 * @param way what was decided
 * @param reason why
 */
public record AttentionCost(
    Tier tier,
    Encoding encoding,
    long bytes,
    int queries,
    boolean chosenRows,
    OptionalDouble bringUpSeconds,
    OptionalDouble inPlaceSeconds,
    AttentionWay way,
    Reason reason) {

  /** Why a way was taken. */
  public enum Reason {
    /** It is predicted to take less. */
    CHEAPER,
    /** It was never measured for such blocks. */
    NOT_MEASURED_YET,
    /** It takes more by what was measured long ago, which is looked at again. */
    MEASURED_LONG_AGO
  }

  /** The decision in a line. */
  public String explain() {
    return String.format(
        Locale.ROOT,
        "%s of %s as %s, %d bytes%s, %d queries: %s because it %s (brought up %s, in place %s)",
        chosenRows ? "rows" : "block",
        tier,
        Encodings.name(encoding),
        bytes,
        chosenRows ? " of which some rows" : "",
        queries,
        way == AttentionWay.IN_PLACE ? "in place" : "brought up",
        switch (reason) {
          case CHEAPER -> "takes less";
          case NOT_MEASURED_YET -> "was not measured yet";
          case MEASURED_LONG_AGO -> "was measured long ago";
        },
        micros(bringUpSeconds),
        micros(inPlaceSeconds));
  }

  private static String micros(OptionalDouble seconds) {
    return seconds.isEmpty()
        ? "unknown"
        : String.format(Locale.ROOT, "%.1f us", seconds.getAsDouble() * 1e6);
  }
}

package dev.varve.sidecar.observe;

import dev.varve.sidecar.resp.Reply;

/**
 * What was found of what was looked for.
 *
 * @param hits values that were there
 * @param misses values that were not
 */
public record Lookups(long hits, long misses) {

  private static final Lookups NONE = new Lookups(0, 0);
  private static final Lookups HIT = new Lookups(1, 0);
  private static final Lookups MISS = new Lookups(0, 1);

  /** The lookups of a request; those of a command that changes values do not count. */
  public static Lookups of(Observed observed) {
    return observed.readOnly() && observed.firstKey() > 0 ? of(observed.reply()) : NONE;
  }

  private static Lookups of(Reply reply) {
    return switch (reply) {
      case Reply.Stored _, Reply.Bulk _ -> HIT;
      case Reply.Nil _ -> MISS;
      case Reply.Whole(long value) -> value > 0 ? HIT : MISS;
      case Reply.Many(var items) ->
          items.stream()
              .map(Lookups::of)
              .reduce(NONE, (a, b) -> new Lookups(a.hits + b.hits, a.misses + b.misses));
      default -> NONE;
    };
  }
}

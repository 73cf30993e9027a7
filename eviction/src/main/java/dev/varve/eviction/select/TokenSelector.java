package dev.varve.eviction.select;

import dev.varve.eviction.score.Scores;
import java.util.Optional;

/** Turns scores and a number of places into kept tokens. */
public final class TokenSelector {
  private final Protection protection;
  private final Optional<SecondStage> stage;

  public TokenSelector(Protection protection, Optional<SecondStage> stage) {
    this.protection = protection;
    this.stage = stage;
  }

  /**
   * The tokens that {@code head} keeps, sorted: what is protected and the best of the others.
   *
   * @param second scores of the second stage, if there is one
   * @param picks places for tokens that are not protected
   */
  public int[] select(Scores first, Optional<Scores> second, int head, int picks) {
    int tokens = first.tokens();
    int from = protection.sinks();
    int to = protection.end(tokens);
    int[] middle = middle(first, second, head, picks, from, to);
    int[] kept = new int[from + middle.length + protection.recent()];
    for (int i = 0; i < from; i++) {
      kept[i] = i;
    }
    System.arraycopy(middle, 0, kept, from, middle.length);
    for (int i = 0; i < protection.recent(); i++) {
      kept[from + middle.length + i] = to + i;
    }
    return kept;
  }

  private int[] middle(
      Scores first, Optional<Scores> second, int head, int picks, int from, int to) {
    if (second.isEmpty()) {
      return TopTokens.of(first.heads()[head], from, to, picks);
    }
    float[] rest = second.get().heads()[head].clone();
    int certain = Math.clamp(stage.orElseThrow().firstPicks(picks), 0, picks);
    for (int token : TopTokens.of(first.heads()[head], from, to, certain)) {
      rest[token] = Float.POSITIVE_INFINITY;
    }
    return TopTokens.of(rest, from, to, picks);
  }
}

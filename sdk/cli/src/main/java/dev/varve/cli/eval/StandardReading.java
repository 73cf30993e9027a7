package dev.varve.cli.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The read policies of an evaluation, each at such budgets that a decoded token reads about the
 * wanted share of the rows: first tokens, newest ones and blocks that are still open included.
 */
public final class StandardReading {
  private static final int INIT = 4;
  private static final int LEAST = 8;

  private StandardReading() {}

  /**
   * Every policy at every share.
   *
   * @param prompt tokens of a prompt
   * @param decoded tokens behind it
   * @param shares of the rows, above 0 and at most 1
   */
  public static List<PolicyChoice> of(int prompt, int decoded, List<Double> shares) {
    List<PolicyChoice> choices = new ArrayList<>();
    for (double share : shares) {
      // Half of what is decoded is in open blocks at a time, and so is always read.
      int open = decoded / 2;
      int rows = (int) (share * (prompt + open));
      int k = Math.max(LEAST, rows - INIT - open - decoded / 8);
      int pages = Math.max(LEAST, k / 8 * 8);
      double sparsity = Math.max(0, 1 - (double) k / prompt);
      choices.add(choice("tokenselect(init=4,local=16,k=%d)", k));
      choices.add(choice("tokenselect(init=4,local=16,k=%d,keys=int4)", k));
      choices.add(choice("quest(page=8,init=4,local=16,k=%d,dense=0)", pages));
      choices.add(
          PolicyChoice.of(
              String.format(
                  Locale.ROOT, "squeezed(percent=5,sparsity=%.3f,observe=16)", sparsity)));
      choices.add(choice("triforce(chunk=8,init=4,local=16,k=%d)", pages));
      choices.add(choice("oracle(init=4,local=16,k=%d)", k));
    }
    return choices.stream().distinct().toList();
  }

  private static PolicyChoice choice(String text, int k) {
    return PolicyChoice.of(text.formatted(k));
  }
}

package dev.varve.sdk;

import com.google.errorprone.annotations.CheckReturnValue;
import java.util.List;

/** What a load gave, block by block. An engine must look: it cannot get at the tokens otherwise. */
@CheckReturnValue
public sealed interface LoadResult {

  /** Every block was read, checked and copied out. */
  record Complete(int tokens) implements LoadResult {}

  /**
   * Some blocks are lost. Rows of a lost block were not written.
   *
   * @param usableTokens tokens in front of the first lost block
   * @param blocks every block of the range, in order
   */
  record Incomplete(int usableTokens, List<BlockLoad> blocks) implements LoadResult {
    public Incomplete {
      blocks = List.copyOf(blocks);
    }
  }

  /**
   * One block of a load.
   *
   * @param firstToken position of its first token that was asked for
   * @param tokens tokens of it that were asked for
   * @param loaded whether its rows were written
   */
  record BlockLoad(int firstToken, int tokens, boolean loaded) {}
}

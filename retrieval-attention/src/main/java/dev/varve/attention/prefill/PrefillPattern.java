package dev.varve.attention.prefill;

import dev.varve.attention.index.KeyScores;
import dev.varve.attention.index.StepQueries;
import java.util.BitSet;

/**
 * Which blocks of consecutive tokens the queries of a prefill chunk read: for each KV head the
 * union over the query heads of its group and over the queries of the chunk. The newest block is
 * always among them. For one thread.
 */
public interface PrefillPattern {

  /**
   * Adds block numbers to {@code blocks}.
   *
   * @param chunk the queries; their keys are the last ones
   * @param keys keys of all positions up to the end of the chunk
   * @param blockTokens tokens of a block
   * @param blocks a set for each KV head
   */
  void choose(StepQueries chunk, KeyScores keys, int blockTokens, BitSet[] blocks);
}

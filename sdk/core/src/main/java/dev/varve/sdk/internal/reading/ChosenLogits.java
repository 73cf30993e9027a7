package dev.varve.sdk.internal.reading;

import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.StepQueries;
import dev.varve.sdk.attention.ChosenTokens;
import dev.varve.sdk.attention.SelectionAnswer;
import dev.varve.sdk.attention.SelectionRequest;
import dev.varve.sdk.internal.CacheParts;
import dev.varve.sdk.internal.far.ChunkBlocks;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Chunk;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * The largest logits of chosen tokens, from the stored keys themselves whatever the index knew of
 * them. For one request.
 */
final class ChosenLogits {

  private final CacheParts parts;
  private final SelectionRequest request;
  private final LayerShape shape;
  private final int owner;
  private final BlockGeometry block;
  private final DotKernel kernel;
  private final StoredRows rows = new StoredRows();
  private final FloatRows out = new FloatRows();
  private final float[] dots;

  /**
   * @param shape of the layer
   * @param owner the layer whose blocks hold the keys
   */
  ChosenLogits(CacheParts parts, SelectionRequest request, LayerShape shape, int owner) {
    this.parts = parts;
    this.request = request;
    this.shape = shape;
    this.owner = owner;
    this.block = parts.tiers().geometry().block(owner);
    this.kernel = DotKernel.of(parts.backend());
    int queries = request.scored() ? Math.multiplyExact(request.tokens(), shape.group()) : 0;
    this.dots = new float[Math.multiplyExact(queries, block.tokens())];
  }

  /**
   * The answer for these sets, in rows from the first chunk on.
   *
   * @param sets one, or one for each KV head
   */
  SelectionAnswer answer(
      List<Chunk> chunks, StepQueries step, List<BitSet> sets, long bytesScored) {
    int first = chunks.getFirst().firstToken();
    List<float[]> logits = new ArrayList<>();
    if (request.scored()) {
      for (BitSet set : sets) {
        float[] lowest = new float[set.length()];
        Arrays.fill(lowest, Float.NEGATIVE_INFINITY);
        logits.add(lowest);
      }
      try (ChunkBlocks blocks = new ChunkBlocks(parts)) {
        for (Chunk chunk : chunks) {
          int from = chunk.firstToken() - first;
          boolean wanted = sets.stream().anyMatch(set -> next(set, from) < from + block.tokens());
          if (wanted && !blocks.show(chunk, owner, keys -> score(keys, from, step, sets, logits))) {
            return new SelectionAnswer.Missing(List.of(chunk.key()));
          }
        }
      }
    }
    List<ChosenTokens> chosen = new ArrayList<>();
    for (int set = 0; set < sets.size(); set++) {
      chosen.add(chosen(sets.get(set), first, request.scored() ? logits.get(set) : new float[0]));
    }
    return new SelectionAnswer.Chosen(chosen, bytesScored);
  }

  private static int next(BitSet set, int from) {
    int next = set.nextSetBit(from);
    return next < 0 ? Integer.MAX_VALUE : next;
  }

  private void score(
      MemorySegment keys, int from, StepQueries step, List<BitSet> sets, List<float[]> logits) {
    int tokens = block.tokens();
    for (int head = 0; head < shape.kvHeads(); head++) {
      int group = sets.size() == 1 ? 0 : head;
      BitSet set = sets.get(group);
      if (next(set, from) >= from + tokens) {
        continue;
      }
      KeySpan span = KeySpan.of(keys, block, tokens);
      rows.layout(span.dtype(), span.dim(), span.rowBytes())
          .at(keys, span.offset() + head * span.headBytes(), tokens);
      FloatRows queries = step.all(head);
      kernel.multiply(rows, queries, out.at(dots, 0, tokens, queries.rows()));
      float[] largest = logits.get(group);
      for (int at = next(set, from); at < from + tokens; at = next(set, at + 1)) {
        for (int query = 0; query < queries.rows(); query++) {
          largest[at] = Math.max(largest[at], logit(dots[query * tokens + at - from]));
        }
      }
    }
  }

  private float logit(float dot) {
    double logit = (double) dot * shape.scale();
    double cap = shape.logitSoftCap();
    return (float) (cap == 0 ? logit : cap * Math.tanh(logit / cap));
  }

  private ChosenTokens chosen(BitSet set, int first, float[] logits) {
    int[] at =
        request.least().isPresent()
            ? set.stream().filter(row -> logits[row] >= request.least().getAsDouble()).toArray()
            : set.stream().toArray();
    float[] scores = new float[request.scores() ? at.length : 0];
    for (int i = 0; i < scores.length; i++) {
      scores[i] = logits[at[i]];
    }
    return new ChosenTokens(Arrays.stream(at).map(row -> row + first).toArray(), scores);
  }
}

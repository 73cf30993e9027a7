package dev.varve.sdk.internal;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.SharedPrefixAttention;
import dev.varve.sdk.EngineTensor;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * Attention of a layer for steps of several sessions: what their chains have in common is shown
 * once, by the first session below each branch, to the queries of all. Sessions that choose what
 * they read, whose policies watch what is read, or that attend on a device do so by themselves. For
 * one thread at a time, which must be that of all the sessions during a call.
 */
public final class BatchAttention {

  private final ModelGeometry geometry;
  private final AttendingCounters counters;
  private final RowTranslator translator;
  private final SharedPrefixAttention attention;
  private final BatchPlan plan = new BatchPlan();
  private final List<SessionState> together = new ArrayList<>();
  private final List<SharedBlocks> blocks = new ArrayList<>();
  private final List<SessionState> alone = new ArrayList<>();

  /** Rows of the sessions, as the batch has them. */
  private final List<Rows> togetherRows = new ArrayList<>();

  private final List<Rows> aloneRows = new ArrayList<>();
  private int togetherTokens;
  private float[] queries = {};
  private float[] out = {};

  /**
   * Where the rows of a step stand in the batch.
   *
   * @param from the first one
   * @param count tokens of the step
   */
  private record Rows(int from, int count) {}

  /** Over the blocks of one cache. */
  public BatchAttention(CacheParts parts) {
    this.geometry = parts.tiers().geometry();
    this.counters = parts.attending();
    this.translator = new RowTranslator(parts.backend());
    this.attention = new SharedPrefixAttention(AttentionKernel.of(parts.backend()));
  }

  /** Begins a batch without steps. */
  public void clear() {
    together.clear();
    blocks.clear();
    alone.clear();
    togetherRows.clear();
    aloneRows.clear();
    togetherTokens = 0;
  }

  /** Adds a step of {@code tokens} tokens, whose rows in the batch begin at {@code firstRow}. */
  public void add(SessionState session, int firstRow, int tokens) {
    if (session.readsEverything()) {
      together.add(session);
      blocks.add(session.blocks());
      togetherRows.add(new Rows(firstRow, tokens));
      togetherTokens += tokens;
    } else {
      alone.add(session);
      aloneRows.add(new Rows(firstRow, tokens));
    }
  }

  /** All steps were added. */
  public void plan() {
    plan.of(blocks);
  }

  /** Attends the steps that were planned for; the tensors have a row for each of their tokens. */
  public void attend(int layer, EngineTensor q, EngineTensor result) {
    LayerShape shape = geometry.shape().layers().get(layer);
    TensorChecks.shape(q, "queries", layer, q.tokens(), shape.queryHeads(), shape.keyDim());
    TensorChecks.shape(result, "output", layer, q.tokens(), shape.queryHeads(), shape.valueDim());
    for (int i = 0; i < alone.size(); i++) {
      Rows rows = aloneRows.get(i);
      EngineTensor own = q.rows(rows.from(), rows.count());
      alone.get(i).attend(layer, own, result.rows(rows.from(), rows.count()));
    }
    counters.attendedAlone(alone.size());
    if (!together.isEmpty()) {
      start(layer, shape, q);
      attendSealed(layer);
      finish(layer, shape, result);
      counters.attendedTogether(together.size());
    }
  }

  private void start(int layer, LayerShape shape, EngineTensor q) {
    int width = shape.queryHeads() * shape.keyDim();
    if (queries.length < q.tokens() * width) {
      queries = new float[q.tokens() * width];
    }
    translator.gather(q, queries);
    attention.start(shape, plan.count(), togetherTokens);
    for (int place = 0; place < plan.count(); place++) {
      Rows rows = togetherRows.get(plan.session(place));
      int position = together.get(plan.session(place)).length();
      attention.add(queries, rows.from() * width, position, rows.count());
      plan.member(place).attending(layer, position, plan.common(place));
    }
  }

  private void attendSealed(int layer) {
    int owner = geometry.shape().ownerOf(layer);
    int deepest = plan.deepest();
    for (int depth = 0; depth < deepest; depth++) {
      for (int place = 0; place < plan.count(); ) {
        if (plan.member(place).sealed() <= depth) {
          place++;
          continue;
        }
        int end = plan.end(place, depth);
        int readers = readers(place, end, depth);
        if (readers > 0) {
          plan.member(place).attendSealed(depth, owner, attention, place, end);
          counters.blockAttended(readers);
        }
        place = end;
      }
    }
  }

  private int readers(int from, int to, int depth) {
    int span = geometry.blockTokens();
    int readers = 0;
    for (int place = from; place < to; place++) {
      readers += attention.needs(place, depth * span, span) ? 1 : 0;
    }
    return readers;
  }

  private void finish(int layer, LayerShape shape, EngineTensor result) {
    int owner = geometry.shape().ownerOf(layer);
    int width = shape.queryHeads() * shape.valueDim();
    for (int place = 0; place < plan.count(); place++) {
      Rows rows = togetherRows.get(plan.session(place));
      int end = together.get(plan.session(place)).length() + rows.count();
      plan.member(place).attendTail(owner, attention, place, end);
      if (out.length < rows.count() * width) {
        out = new float[rows.count() * width];
      }
      attention.finish(place, out, 0);
      translator.scatter(out, result, rows.from(), rows.count());
    }
  }
}

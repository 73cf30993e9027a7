package dev.varve.attention.index;

import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DotKernel;
import dev.varve.store.kernel.FloatRows;
import dev.varve.store.kernel.StoredRows;
import java.util.ArrayList;
import java.util.List;

/** Scores the stored keys themselves, which must stay where they were when they were appended. */
public final class ExactKeyScores implements KeyScores {
  private final int heads;
  private final int dim;
  private final DotKernel kernel;
  private final List<KeySpan> spans = new ArrayList<>();
  private final StoredRows rows = new StoredRows();
  private final FloatRows part = new FloatRows();
  private int tokens;

  /** No keys yet, of {@code heads} heads of {@code dim}. */
  public ExactKeyScores(int heads, int dim, Backend backend) {
    this.heads = heads;
    this.dim = dim;
    this.kernel = DotKernel.of(backend);
  }

  @Override
  public int tokens() {
    return tokens;
  }

  @Override
  public void append(KeySpan keys) {
    keys.require(heads, dim);
    tokens = Math.addExact(tokens, keys.tokens());
    if (!spans.isEmpty() && spans.getLast().continues(keys)) {
      spans.set(spans.size() - 1, spans.getLast().joined(keys));
    } else {
      spans.add(keys);
    }
  }

  @Override
  public boolean borrowsKeys() {
    return true;
  }

  @Override
  public int appended() {
    return tokens;
  }

  @Override
  public int truncate(int left) {
    while (tokens > left) {
      KeySpan last = spans.removeLast();
      tokens -= last.tokens();
      if (tokens < left) {
        spans.add(last.slice(0, left - tokens));
        tokens = left;
      }
    }
    return tokens;
  }

  @Override
  public long score(int kvHead, FloatRows queries, int from, int to, FloatRows out) {
    int first = 0;
    long bytes = 0;
    for (int i = 0; i < spans.size() && first < to; i++) {
      KeySpan span = spans.get(i);
      int begin = Math.max(from, first);
      int end = Math.min(to, first + span.tokens());
      if (begin < end) {
        span.point(rows, kvHead, begin - first, end - begin);
        part.at(out.values(), out.offset(0) + begin - from, out.stride(), out.rows());
        kernel.multiply(rows, queries, part);
        bytes += (long) (end - begin) * dim * span.dtype().bytes();
      }
      first += span.tokens();
    }
    return bytes;
  }

  @Override
  public long bytes() {
    return 0;
  }
}

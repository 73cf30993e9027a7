package dev.varve.engine;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Splits the rows of large products among the workers of an executor; waits for all of them. */
record ParallelRows(RowMultiply inner, ExecutorService executor, int workers)
    implements RowMultiply {

  private static final long WORTH_SPLITTING = 1 << 17;

  @Override
  public void multiply(Matrix weights, int from, int to, float[] x, int tokens, float[] out) {
    if ((long) (to - from) * weights.columns() * tokens < WORTH_SPLITTING) {
      inner.multiply(weights, from, to, x, tokens, out);
      return;
    }
    List<Callable<Void>> tasks = new ArrayList<>();
    for (int i = 0; i < workers; i++) {
      int first = from + (int) ((long) (to - from) * i / workers);
      int last = from + (int) ((long) (to - from) * (i + 1) / workers);
      tasks.add(() -> {
        inner.multiply(weights, first, last, x, tokens, out);
        return null;
      });
    }
    try {
      for (Future<Void> done : executor.invokeAll(tasks)) {
        done.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while multiplying", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("a worker failed: " + e.getCause(), e);
    }
  }
}

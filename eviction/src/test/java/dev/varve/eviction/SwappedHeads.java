package dev.varve.eviction;

import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.KvRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.store.kernel.Backend;
import java.util.EnumMap;
import java.util.Map;

/** The same layer with its KV heads in reverse, and the groups of query heads with them. */
final class SwappedHeads {
  private SwappedHeads() {}

  static Observation of(Observation layer) {
    int group = layer.shape().group();
    QueryRows queries = layer.queries();
    float[] turned = queries.values().clone();
    int each = queries.count() * queries.dim();
    for (int head = 0; head < queries.heads(); head++) {
      int from = source(head, queries.heads(), group);
      System.arraycopy(queries.values(), from * each, turned, head * each, each);
    }
    Map<Signal, float[][]> given = new EnumMap<>(Signal.class);
    layer.given().forEach((signal, rows) -> given.put(signal, turned(rows, layer)));
    return new Observation(
        layer.layer(),
        layer.shape(),
        turned(layer.keys()),
        turned(layer.values()),
        new QueryRows(turned, queries.heads(), queries.count(), queries.dim(), queries.first()),
        layer.positions(),
        layer.attention(),
        given);
  }

  private static int source(int head, int heads, int group) {
    return heads - group - head / group * group + head % group;
  }

  private static float[][] turned(float[][] rows, Observation layer) {
    float[][] turned = new float[rows.length][];
    int group = rows.length == layer.shape().queryHeads() ? layer.shape().group() : 1;
    for (int head = 0; head < rows.length; head++) {
      turned[head] = rows[source(head, rows.length, group)];
    }
    return turned;
  }

  private static KvRows turned(KvRows rows) {
    Workspace workspace = new Workspace(Backend.SCALAR);
    int each = rows.tokens() * rows.dim();
    float[] turned = new float[rows.heads() * each];
    for (int head = 0; head < rows.heads(); head++) {
      float[] values = workspace.head(rows, rows.heads() - 1 - head);
      System.arraycopy(values, 0, turned, head * each, each);
    }
    return DenseRows.of(turned, rows.heads(), rows.tokens(), rows.dim());
  }
}

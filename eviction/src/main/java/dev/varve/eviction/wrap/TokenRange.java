package dev.varve.eviction.wrap;

import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Positions;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.RowRange;
import dev.varve.eviction.observe.Signal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/** A part of an observation's tokens, with the queries of the same tokens. */
final class TokenRange {
  private TokenRange() {}

  static Observation of(Observation layer, int from, int to) {
    int[] positions = new int[to - from];
    for (int i = 0; i < positions.length; i++) {
      positions[i] = layer.positions().at(from + i);
    }
    Map<Signal, float[][]> given = new EnumMap<>(Signal.class);
    layer.given().forEach((signal, rows) -> given.put(signal, slice(rows, from, to)));
    return new Observation(
        layer.layer(),
        layer.shape(),
        new RowRange(layer.keys(), from, to - from),
        new RowRange(layer.values(), from, to - from),
        queries(layer.queries(), positions),
        Positions.of(positions),
        Optional.empty(),
        given);
  }

  /**
   * The queries of the given positions, if those of the last one and its predecessors are there.
   */
  private static QueryRows queries(QueryRows queries, int[] positions) {
    int last = positions[positions.length - 1];
    int first = Math.max(positions[0], queries.first());
    if (queries.count() == 0 || last >= queries.first() + queries.count() || first > last) {
      return QueryRows.none();
    }
    int count = last - first + 1;
    float[] values = new float[queries.heads() * count * queries.dim()];
    for (int head = 0; head < queries.heads(); head++) {
      System.arraycopy(
          queries.values(),
          queries.offset(head, first - queries.first()),
          values,
          head * count * queries.dim(),
          count * queries.dim());
    }
    return new QueryRows(values, queries.heads(), count, queries.dim(), first);
  }

  private static float[][] slice(float[][] rows, int from, int to) {
    return Arrays.stream(rows)
        .map(row -> Arrays.copyOfRange(row, from, to))
        .toArray(float[][]::new);
  }
}

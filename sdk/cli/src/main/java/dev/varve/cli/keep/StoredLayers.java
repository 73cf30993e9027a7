package dev.varve.cli.keep;

import dev.varve.cli.capture.CaptureExtras;
import dev.varve.cli.capture.StoredRun;
import dev.varve.eviction.observe.AttentionRows;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.store.LayerShape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The layers of a stored run as a policy looks at them. */
public final class StoredLayers {
  private StoredLayers() {}

  /** All layers, in order. */
  public static List<Observation> of(StoredRun run) {
    List<Observation> layers = new ArrayList<>();
    for (int layer = 0; layer < run.layers(); layer++) {
      layers.add(read(run, layer));
    }
    return layers;
  }

  private static Observation read(StoredRun run, int layer) {
    LayerShape shape = run.layer(layer);
    int heads = shape.kvHeads();
    int tokens = run.tokens();
    DenseRows keys = new DenseRows(run.keys(layer), run.dtype(), heads, tokens, shape.keyDim());
    DenseRows values =
        new DenseRows(run.values(layer), run.dtype(), heads, tokens, shape.valueDim());
    Observation observed = Observation.prompt(layer, shape, keys, values, queries(run, layer));
    Optional<AttentionRows> attention =
        run.extras().flatMap((CaptureExtras more) -> more.attention(layer, shape.queryHeads()));
    return attention.isPresent() ? observed.with(attention.get()) : observed;
  }

  private static QueryRows queries(StoredRun run, int layer) {
    if (run.queryTokens() == 0) {
      return QueryRows.none();
    }
    LayerShape shape = run.layer(layer);
    return new QueryRows(
        run.queries(layer),
        shape.queryHeads(),
        run.queryTokens(),
        shape.keyDim(),
        run.queryFirst());
  }
}

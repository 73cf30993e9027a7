package dev.varve.cli.bench;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.PrefixMatch;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.List;

/** Whole calls of {@link KvCache#match} for one long prompt that the host tier holds. */
final class CacheMatch {

  private static final int DIM = 8;
  private static final long HOT_BYTES = 8L << 20;
  private static final long HOST_BYTES_PER_BLOCK = 6L << 10;
  private static final int SPAN = 128;

  private CacheMatch() {}

  /** Seconds of each of {@code times} calls. */
  static double[] seconds(int tokenCount, int layers, int times) {
    LayerShape layer = LayerShape.grouped(1, 1, DIM, RopeSpec.none());
    ModelShape shape = ModelShape.uniform(layers, layer, Dtype.F16);
    long blocks = (long) layers * (tokenCount / SPAN + 1);
    CacheConfig config =
        CacheConfig.of(shape, "bench")
            .hot(HOT_BYTES)
            .host((4L << 20) + blocks * HOST_BYTES_PER_BLOCK)
            .build();
    int[] tokens = PromptWalk.tokens(tokenCount);
    double[] seconds = new double[times];
    try (Arena arena = Arena.ofConfined();
        KvCache cache = KvCache.open(config)) {
      MemorySegment row = arena.allocate(DIM * (long) Dtype.F16.bytes());
      // Every token has the same row: a stride of 0.
      EngineTensor rows =
          new EngineTensor(row, 0, Dtype.F16, tokenCount, 1, DIM, 0, row.byteSize());
      List<LayerTensors> all = Collections.nCopies(layers, new LayerTensors(rows, rows));
      int stored = cache.store(Tenant.NONE, tokens, all);
      for (int i = 0; i < times; i++) {
        long started = System.nanoTime();
        try (PrefixMatch match = cache.match(tokens)) {
          seconds[i] = (System.nanoTime() - started) / 1e9;
          if (match.tokens() != stored) {
            throw new IllegalStateException(
                stored + " tokens were stored and " + match.tokens() + " are found");
          }
        }
      }
    }
    return seconds;
  }
}

package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.Partial;
import dev.varve.attention.SharedPrefixAttention;
import dev.varve.client.RemoteConfig;
import dev.varve.client.RemoteKvCache;
import dev.varve.client.RemoteQueries;
import dev.varve.client.RemoteScope;
import dev.varve.client.StreamOptions;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.LayerTensors;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backends;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.stream.IntStream;

/**
 * A step that attends a layer of a context which lies at a server: queries go there, or keys and
 * values come here and are attended as they come. Both through our client, in turns.
 */
public final class ContextBench {

  private static final String NAME = "bench";
  private static final LayerShape LAYER = LayerShape.grouped(32, 8, 128, RopeSpec.none());
  private static final ModelShape SHAPE = ModelShape.uniform(1, LAYER, Dtype.BF16);
  private static final int SPAN = 256;
  private static final int ROUNDS = 5;
  private static final int SEED = 17;
  private static final String PEER = "fetch, then attend";

  private final RemoteKvCache cache;
  private final int[] ids;
  private final int pairs;
  private final SharedPrefixAttention here =
      new SharedPrefixAttention(AttentionKernel.of(Backends.choose(Optional.empty()).backend()));

  private ContextBench(RemoteKvCache cache, int tokens, int pairs) {
    this.cache = cache;
    this.ids = IntStream.range(0, tokens).toArray();
    this.pairs = pairs;
  }

  /** Tokens that make a context of whole chunks, at least one. */
  public static int whole(int tokens) {
    return Math.max(1, tokens / SPAN) * SPAN;
  }

  /** A cache for the model, which holds a context of {@code tokens} tokens hot. */
  public static KvCache open(int tokens) {
    long blocks = tokens / SPAN + 16L;
    return KvCache.open(
        CacheConfig.of(SHAPE, "context bench")
            .blockTokens(SPAN)
            .hot(blocks * (ModelGeometry.of(SHAPE, SPAN).largestBlock() + 4096))
            .build());
  }

  /** What a server is to know. */
  public static Models models(KvCache cache) {
    return new Models(List.of(ServedModel.of(NAME, cache, List.of(Encoding.RAW))));
  }

  /**
   * Measures.
   *
   * @param kept that of the server
   * @param server where it listens
   * @param tokens whole chunks
   * @param threads of the client
   */
  public static List<Finding> run(
      KvCache kept, InetSocketAddress server, int tokens, int pairs, ThreadFactory threads)
      throws IOException {
    RemoteConfig config = RemoteConfig.of(server, NAME, ModelGeometry.of(SHAPE, SPAN));
    try (RemoteKvCache cache = RemoteKvCache.open(config, threads, System::nanoTime)) {
      ContextBench bench = new ContextBench(cache, tokens, pairs);
      bench.fill(kept);
      List<Finding> findings = new ArrayList<>();
      findings.add(bench.measure("1 query token", 1, RemoteScope.ALL));
      findings.add(bench.measure("8 query tokens", 8, RemoteScope.ALL));
      RemoteScope chosen = RemoteScope.ALL.select("quest(k=256,local=64,dense=0)");
      findings.add(bench.measure("1, best 256 tokens", 1, chosen));
      return findings;
    }
  }

  private void fill(KvCache kept) {
    try (Arena arena = Arena.ofShared()) {
      LayerTensors rows = new LayerTensors(tensor(arena, 0), tensor(arena, 1));
      if (kept.store(Tenant.NONE, ids, List.of(rows)) != ids.length) {
        throw new IllegalStateException("a context of " + ids.length + " tokens was not stored");
      }
    }
  }

  private EngineTensor tensor(Arena arena, int seed) {
    long bytes = (long) ids.length * LAYER.kvHeads() * LAYER.keyDim() * Dtype.BF16.bytes();
    MemorySegment memory = arena.allocate(bytes, BlockGeometry.ALIGNMENT);
    new Gaussian(SEED + seed).fill(memory, Dtype.BF16);
    return EngineTensor.dense(memory, Dtype.BF16, ids.length, LAYER.kvHeads(), LAYER.keyDim());
  }

  private Finding measure(String name, int tokens, RemoteScope scope) throws IOException {
    float[] queries = new Gaussian(SEED + 2).floats(tokens * LAYER.queryHeads() * LAYER.keyDim());
    RemoteQueries asked = RemoteQueries.of(0, tokens, queries);
    double[] there = new double[pairs];
    double[] fetched = new double[pairs];
    attend(asked, scope);
    fetch(queries, tokens);
    for (int pair = 0; pair < pairs; pair++) {
      if (pair % 2 == 0) {
        there[pair] = attend(asked, scope);
        fetched[pair] = fetch(queries, tokens);
      } else {
        fetched[pair] = fetch(queries, tokens);
        there[pair] = attend(asked, scope);
      }
    }
    return Finding.of(name, Comparison.median(there), "ms")
        .beside(PEER, Comparison.median(fetched));
  }

  /** Milliseconds of a step that the server attends. */
  private double attend(RemoteQueries queries, RemoteScope scope) throws IOException {
    long start = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      check(cache.attend(ids, queries, scope).tokens());
    }
    return millis(start);
  }

  /** Milliseconds of a step whose keys and values come here. */
  private double fetch(float[] queries, int tokens) throws IOException {
    StreamOptions raw = StreamOptions.BEST.at(List.of(Encoding.RAW));
    BlockGeometry block = ModelGeometry.of(SHAPE, SPAN).block(0);
    Partial result = new Partial(tokens * LAYER.queryHeads(), LAYER.valueDim());
    long start = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      here.start(LAYER, 1, tokens);
      here.add(queries, 0, ids.length - 1, tokens);
      // Rows of a stream lie as they do in a block, from its first byte on.
      check(
          cache.stream(
              ids,
              0,
              raw,
              (_, first, rows) -> here.addBlock(rows.keys().memory(), block, first, SPAN, 0, 1)));
      here.finish(0, result);
    }
    return millis(start);
  }

  private static double millis(long start) {
    return (System.nanoTime() - start) / 1e6 / ROUNDS;
  }

  private void check(int tokens) throws IOException {
    if (tokens != ids.length) {
      throw new IOException(
          "the server gave %d of %d tokens, its log has the reason".formatted(tokens, ids.length));
    }
  }
}

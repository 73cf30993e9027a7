package dev.varve.cli.bench;

import dev.varve.cli.bench.Comparison.Question;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.EngineTensor;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.Step;
import dev.varve.sdk.forgetting.Forgetting;
import dev.varve.sdk.forgetting.HeadKeepSet;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.SessionHistory;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A session that forgot three quarters of its rows, other ones in every head, beside a session that
 * never had more than it kept, and beside itself before. One layer of 8 KV heads of 128 with 4
 * query heads each, in bf16, all hot, on the calling thread and by its processor time.
 */
public final class ForgettingBench {

  private static final int KV_HEADS = 8;
  private static final int GROUP = 4;
  private static final int DIM = 128;
  private static final int CHUNK = 128;
  private static final int KEPT_SHARE = 4;
  private static final long ROW_BYTES = 2L * DIM * Dtype.BF16.bytes();
  private static final double WARM_UP_SECONDS = 1;
  private static final double SECOND = 1e9;
  private static final long SEED = 7;

  private final int tokens;
  private final int pairs;
  private final float[] rows;
  private final float[] queries;
  private final float[] out = new float[KV_HEADS * GROUP * DIM];

  /**
   * @param tokens of the session before it forgets, a multiple of 512
   * @param pairs how many pairs to measure
   */
  public ForgettingBench(int tokens, int pairs) {
    this.tokens = tokens;
    this.pairs = pairs;
    Gaussian gaussian = new Gaussian(SEED);
    this.rows = gaussian.floats(CHUNK * KV_HEADS * DIM);
    this.queries = gaussian.floats(KV_HEADS * GROUP * DIM);
  }

  /** Measures attention after a forgetting, and the forgetting. */
  public List<Comparison> run() throws IOException {
    LayerShape layer = LayerShape.grouped(KV_HEADS * GROUP, KV_HEADS, DIM, RopeSpec.none());
    CacheConfig config =
        CacheConfig.of(ModelShape.uniform(1, layer, Dtype.BF16), "bench")
            .blockTokens(CHUNK)
            .hot(3 * bytes(tokens) + (64L << 20))
            .build();
    Tenant other = Tenant.of(new byte[] {1}, new byte[] {2});
    try (KvCache cache = KvCache.open(config);
        KvSession whole = cache.openSession();
        KvSession small = cache.openSession(other);
        KvSession forgot = cache.openSession(Tenant.NONE, new RandomQuarter())) {
      fill(whole, tokens);
      fill(small, tokens / KEPT_SHARE);
      fill(forgot, tokens);
      forgot.forget();
      return List.of(
          attention("a session of the kept size", forgot, small, tokens / KEPT_SHARE),
          attention("the session before", forgot, whole, tokens),
          forgetting(cache));
    }
  }

  private static long bytes(int tokens) {
    return tokens * ROW_BYTES * KV_HEADS;
  }

  private void fill(KvSession session, int count) {
    for (int at = 0; at < count; at += CHUNK) {
      try (Step step = session.begin(new int[CHUNK], false)) {
        EngineTensor tensor = EngineTensor.of(rows, CHUNK, KV_HEADS, DIM);
        step.append(0, tensor, tensor);
        step.end();
      }
    }
  }

  /** Both attend in turns; the rate counts the bytes of {@code size} tokens for either. */
  private Comparison attention(String probe, KvSession ours, KvSession theirs, int size)
      throws IOException {
    try (Step our = opened(ours);
        Step their = opened(theirs)) {
      ThreadClock.warmUp(WARM_UP_SECONDS, () -> attend(our));
      ThreadClock.warmUp(WARM_UP_SECONDS, () -> attend(their));
      Question question =
          new Question("attention after a forgetting", probe, OptionalDouble.empty());
      return Comparison.measure(
          question,
          pairs,
          pair -> ThreadClock.rate(bytes(size), () -> attend(our)),
          pair -> ThreadClock.rate(bytes(size), () -> attend(their)));
    }
  }

  private Step opened(KvSession session) {
    Step step = session.begin(new int[1], false);
    EngineTensor row = EngineTensor.of(rows, 1, KV_HEADS, DIM);
    step.append(0, row, row);
    return step;
  }

  private void attend(Step step) {
    step.attend(
        0,
        EngineTensor.of(queries, 1, KV_HEADS * GROUP, DIM),
        EngineTensor.of(out, 1, KV_HEADS * GROUP, DIM));
  }

  /** The copy of the kept rows beside a copy of as many bytes that lie together. */
  private Comparison forgetting(KvCache cache) throws IOException {
    int kept = tokens / KEPT_SHARE;
    byte[] from = new byte[Math.toIntExact(bytes(kept))];
    byte[] to = new byte[from.length];
    Arrays.fill(from, (byte) 1);
    int[] prompt = new int[tokens + 1];
    Question question =
        new Question("forgetting, keep sets given", "memcpy", OptionalDouble.empty());
    return Comparison.measure(
        question,
        pairs,
        pair -> forget(cache, prompt, kept),
        pair -> ThreadClock.rate(from.length, () -> System.arraycopy(from, 0, to, 0, from.length)));
  }

  private static double forget(KvCache cache, int[] prompt, int kept) {
    RandomQuarter policy = new RandomQuarter();
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      policy.prepare(session.reuse(prompt));
      long started = ThreadClock.nanos();
      session.forget();
      return bytes(kept) * SECOND / (ThreadClock.nanos() - started);
    }
  }

  /** Keeps a quarter of the rows, chosen by chance in each head. */
  private static final class RandomQuarter implements Forgetting {
    private final int[][] chosen = new int[KV_HEADS][];

    void prepare(int tokens) {
      SplittableRandom random = new SplittableRandom(SEED);
      for (int head = 0; head < KV_HEADS; head++) {
        int[] order = IntStream.range(0, tokens).toArray();
        for (int i = 0; i < tokens / KEPT_SHARE; i++) {
          int other = i + random.nextInt(tokens - i);
          int held = order[i];
          order[i] = order[other];
          order[other] = held;
        }
        chosen[head] = IntStream.of(order).limit(tokens / KEPT_SHARE).sorted().toArray();
      }
    }

    @Override
    public int queries() {
      return 0;
    }

    @Override
    public boolean due(int tokens, int stepTokens, boolean lastOfPrompt, int rows) {
      return false;
    }

    @Override
    public KeepSets keep(SessionHistory history) {
      if (chosen[0] == null) {
        prepare(history.tokens());
      }
      KeepSets keep = new KeepSets(history.shape());
      for (int head = 0; head < KV_HEADS; head++) {
        keep.set(0, head, HeadKeepSet.of(chosen[head]));
      }
      return keep;
    }
  }
}

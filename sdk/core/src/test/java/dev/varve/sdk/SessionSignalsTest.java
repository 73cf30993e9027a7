package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.varve.eviction.EvictionPlanner;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.observe.DenseRows;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.QueryRows;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.ProjectedNorms;
import dev.varve.eviction.score.RepeatAttention;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.sdk.forgetting.DraftScores;
import dev.varve.sdk.forgetting.EvictionForgetting;
import dev.varve.sdk.forgetting.KeepSets;
import dev.varve.sdk.forgetting.OutputProjections;
import dev.varve.store.LayerShape;
import dev.varve.store.Tenant;
import dev.varve.store.kernel.Backend;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionSignalsTest {

  private static final int TOKENS = 100;
  private static final int[] TEXT = SyntheticEngine.tokens(31, 300);
  private static final LayerShape SHAPE = Shapes.PLAIN.layers().getFirst();

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
  private final Workspace workspace = new Workspace(Backend.SCALAR);
  private final KvCache cache =
      KvCache.open(
          CacheConfig.of(Shapes.PLAIN, "model")
              .blockTokens(32)
              .hot(600 * 4096)
              .backend(Backend.SCALAR)
              .build());

  @AfterEach
  void close() {
    cache.close();
  }

  private static int[] text(int from, int to) {
    return Arrays.copyOfRange(TEXT, from, to);
  }

  /** Rows as the engine computes them, head by head. */
  private static DenseRows rows(int kind, int layer, int[] tokens, int position) {
    return DenseRows.of(floats(kind, layer, tokens, position, 2), 2, tokens.length, 16);
  }

  private static float[] floats(int kind, int layer, int[] tokens, int position, int heads) {
    float[] rows = new float[heads * tokens.length * 16];
    int next = 0;
    for (int head = 0; head < heads; head++) {
      for (int t = 0; t < tokens.length; t++) {
        for (int i = 0; i < 16; i++) {
          rows[next++] =
              SyntheticEngine.element(kind, layer, tokens[t], position + t, head, i, heads);
        }
      }
    }
    return rows;
  }

  private static Observation prompt(int layer, int tokens, int queries) {
    int[] text = text(0, tokens);
    QueryRows asked =
        queries == 0
            ? QueryRows.none()
            : new QueryRows(
                floats(3, layer, text(tokens - queries, tokens), tokens - queries, 4),
                4,
                queries,
                16,
                tokens - queries);
    return Observation.prompt(
        layer, SHAPE, rows(1, layer, text, 0), rows(2, layer, text, 0), asked);
  }

  private void assertKept(KvSession session, KeepPlan plan) {
    List<int[]> positions = new ArrayList<>();
    assertThat(session.usage().rows()).isEqualTo(plan.slots());
    ScriptedForgetting look =
        new ScriptedForgetting(history -> {
          for (int i = 0; i < 6; i++) {
            int at = i;
            positions.add(
                IntStream.range(0, history.rows(i / 2, i % 2))
                    .map(row -> history.position(at / 2, at % 2, row))
                    .toArray());
          }
          return new KeepSets(Shapes.PLAIN);
        });
    try (KvSession fork = cache.fork(session.state(), look)) {
      fork.forget();
    }
    for (int i = 0; i < 6; i++) {
      assertThat(positions.get(i)).isEqualTo(plan.head(i / 2, i % 2).positions());
    }
  }

  @Test
  void kvzipKeepsWhatARepetitionOfTheContextLooksAt() {
    EvictionForgetting policy = EvictionForgetting.parse("kvzip(budget=0.3)").signalled();
    int[] request = SyntheticEngine.tokens(5, 3);
    List<Observation> expected = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      RepeatAttention attention = new RepeatAttention(SHAPE, rows(1, layer, text(0, TOKENS), 0), 4);
      for (int from : new int[] {0, 60}) {
        int to = Math.min(TOKENS, from + 60);
        int[] asked = joined(request, text(from, to));
        attention.add(
            from,
            to,
            new QueryRows(floats(3, layer, asked, TOKENS, 4), 4, asked.length, 16, TOKENS),
            rows(1, layer, asked, TOKENS),
            workspace);
      }
      expected.add(prompt(layer, TOKENS, 0).with(Signal.REPEAT_ATTENTION, attention.scores()));
    }
    KeepPlan plan =
        new EvictionPlanner(EvictionPolicies.parse("kvzip(budget=0.3)"), Backend.SCALAR)
            .plan(expected);
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      engine.step(session, text(0, TOKENS));
      assertThat(session.usage().forgot()).as("nothing was told yet").isFalse();
      assertThat(session.forget()).isFalse();
      try (RepeatPass pass = session.repeat(4)) {
        for (int from : new int[] {0, 60}) {
          int to = Math.min(TOKENS, from + 60);
          repeat(pass, from, to, joined(request, text(from, to)));
        }
        pass.give();
      }
      assertThat(session.length()).isEqualTo(TOKENS);
      assertThat(session.forget()).isTrue();
      assertKept(session, plan);
      engine.step(session, text(TOKENS, 150));
      assertThat(session.usage().rows()).as("no signal for the new tokens").isEqualTo(180 + 300);
      try (RepeatPass pass = session.repeat(4)) {
        repeat(pass, 0, 150, text(0, 150));
        pass.give();
      }
      assertThat(session.forget()).isTrue();
      assertThat(session.usage().rows()).isEqualTo(6 * 45);
    }
  }

  private void repeat(RepeatPass pass, int from, int to, int[] tokens) {
    try (Step step = pass.begin(from, to, tokens)) {
      assertThat(step.position()).isEqualTo(pass.context());
      for (int layer = 0; layer < 3; layer++) {
        step.append(
            layer,
            engine.keys(layer, tokens, pass.context()),
            engine.values(layer, tokens, pass.context()));
        engine.attend(step, layer, tokens, pass.context());
      }
      step.end();
    }
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
  }

  @Test
  void specpcKeepsWhatADraftLooksAt() {
    float[] scores;
    DraftScores draft = new DraftScores(16, 1);
    try (KvSession session = cache.openSession(Tenant.NONE, draft)) {
      engine.step(session, text(0, TOKENS));
      scores = draft.scores().orElseThrow();
      assertThat(session.usage().forgot()).isFalse();
    }
    float[] plain = new float[TOKENS];
    for (int layer = 1; layer < 3; layer++) {
      for (int head = 0; head < 4; head++) {
        for (int t = TOKENS - 16; t < TOKENS; t++) {
          double[] shares = shares(layer, head, t);
          for (int j = 0; j <= t; j++) {
            plain[j] = Math.max(plain[j], (float) ((t - TOKENS + 16) / 15.0 * shares[j]));
          }
        }
      }
    }
    assertThat(scores).containsExactly(plain, within(1e-5f));
    List<Observation> expected = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      expected.add(prompt(layer, TOKENS, 0).with(Signal.DRAFT_SCORES, new float[][] {scores}));
    }
    String text = "specpc(budget=40,window=8,kernel=5)";
    KeepPlan plan =
        new EvictionPlanner(EvictionPolicies.parse(text), Backend.SCALAR).plan(expected);
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse(text).signalled())) {
      engine.step(session, text(0, TOKENS));
      session.signals().draftScores(scores);
      try (KvSession fork = session.fork()) {
        assertThat(fork.forget()).as("a fork knows it too").isTrue();
        assertKept(fork, plan);
      }
      assertThat(session.forget()).isTrue();
      assertKept(session, plan);
    }
  }

  private static double[] shares(int layer, int head, int t) {
    double[] shares = new double[t + 1];
    double sum = 0;
    for (int j = 0; j <= t; j++) {
      double dot = 0;
      for (int i = 0; i < 16; i++) {
        dot +=
            (double) SyntheticEngine.element(3, layer, TEXT[t], t, head, i, 4)
                * SyntheticEngine.element(1, layer, TEXT[j], j, head / 2, i, 2);
      }
      shares[j] = Math.exp(SHAPE.scale() * dot);
      sum += shares[j];
    }
    for (int j = 0; j <= t; j++) {
      shares[j] /= sum;
    }
    return shares;
  }

  @Test
  void speckvLetsADraftVoteAndDropsIt() {
    String text = "speckv(budget=40,window=8,lookahead=6,kernel=5)";
    List<Observation> expected = new ArrayList<>();
    for (int layer = 0; layer < 3; layer++) {
      expected.add(prompt(layer, TOKENS + 6, 14));
    }
    KeepPlan plan =
        new EvictionPlanner(EvictionPolicies.parse(text), Backend.SCALAR).plan(expected);
    try (KvSession session =
        cache.openSession(Tenant.NONE, EvictionForgetting.parse(text).signalled())) {
      engine.step(session, text(0, TOKENS));
      assertThat(session.usage().forgot()).isFalse();
      assertThatThrownBy(session::forget)
          .hasMessageContaining("looks ahead by 6 tokens of a draft");
      try (LookAhead ahead = session.lookAhead();
          Step step = ahead.begin(text(TOKENS, TOKENS + 6))) {
        for (int layer = 0; layer < 3; layer++) {
          int[] tokens = text(TOKENS, TOKENS + 6);
          step.append(
              layer, engine.keys(layer, tokens, TOKENS), engine.values(layer, tokens, TOKENS));
          engine.attend(step, layer, tokens, TOKENS);
        }
        step.end();
        assertThat(ahead.forget()).isTrue();
      }
      assertThat(session.length()).isEqualTo(TOKENS);
      assertKept(session, plan);
      engine.step(session, text(TOKENS, TOKENS + 5));
      assertThat(session.usage().rows()).isEqualTo(6 * 45);
    }
  }

  @Test
  void criticalSeesValuesAfterTheOutputProjection() {
    float[] projection = new float[24 * 64];
    SplittableRandom random = new SplittableRandom(77);
    for (int i = 0; i < projection.length; i++) {
      projection[i] = (float) random.nextGaussian();
    }
    OutputProjections projections =
        new OutputProjections() {
          @Override
          public int hidden() {
            return 24;
          }

          @Override
          public float[] of(int layer) {
            return projection;
          }
        };
    for (String text :
        List.of("snapkv(budget=40,window=8)+critical", "snapkv(budget=40,window=8)+ada+critical")) {
      List<Observation> expected = new ArrayList<>();
      for (int layer = 0; layer < 3; layer++) {
        Observation observed = prompt(layer, TOKENS, 8);
        float[][] norms = ProjectedNorms.of(observed, projection, 24, workspace);
        expected.add(observed.with(Signal.PROJECTED_NORMS, norms));
      }
      KeepPlan plan =
          new EvictionPlanner(EvictionPolicies.parse(text), Backend.SCALAR).plan(expected);
      EvictionForgetting policy = EvictionForgetting.parse(text).projections(projections);
      try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
        engine.step(session, text(0, TOKENS));
        assertKept(session, plan);
        engine.step(session, text(TOKENS, 160));
        assertThat(session.usage().rows()).as(text).isEqualTo(6 * 40);
      }
    }
  }

  @Test
  void tellsWhatIsWrongWithASignal() {
    EvictionForgetting policy = EvictionForgetting.parse("kvzip(budget=0.5)").signalled();
    try (KvSession session = cache.openSession(Tenant.NONE, policy)) {
      assertThatThrownBy(() -> session.repeat(4)).hasMessageContaining("that is repeated");
      engine.step(session, text(0, 20));
      assertThatThrownBy(() -> session.signals().draftScores(new float[19]))
          .hasMessageContaining("are 19 numbers, the session has 20 tokens");
      float[] scores = new float[20];
      scores[7] = Float.NaN;
      assertThatThrownBy(() -> session.signals().draftScores(scores))
          .hasMessageContaining("must be finite numbers: NaN at position 7 of layer 0");
      assertThatThrownBy(() -> session.signals().repeatAttention(1, new float[3][20]))
          .hasMessageContaining("rows for 3 heads, needed is one for each of 4 query heads");
      assertThatThrownBy(() -> session.signals().repeatAttention(3, new float[4][20]))
          .hasMessageContaining("there is no layer 3 of 3");
      try (RepeatPass pass = session.repeat(4)) {
        assertThatThrownBy(() -> pass.begin(5, 21, text(0, 16)))
            .hasMessageContaining("end of the chunk");
        engine.step(session, text(20, 25));
        assertThatThrownBy(pass::give).hasMessageContaining("had 20 tokens when the pass began");
      }
      session.signals().repeatAttention(0, new float[4][25]);
      session.truncate(10);
      assertThat(session.forget()).as("two layers were told nothing").isFalse();
    }
  }
}

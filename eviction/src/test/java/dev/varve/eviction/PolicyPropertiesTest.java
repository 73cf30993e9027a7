package dev.varve.eviction;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.eviction.head.HeadMap;
import dev.varve.eviction.head.HeadMapFile;
import dev.varve.eviction.keep.HeadKeep;
import dev.varve.eviction.keep.KeepPlan;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.observe.Signal;
import dev.varve.eviction.observe.Workspace;
import dev.varve.eviction.score.TovaScorer;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.store.kernel.Backend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every method with a budget, whatever it looks at. */
class PolicyPropertiesTest {
  private static final int TOKENS = 96;
  private static final int LAYERS = 3;

  /** One text for every method; %s is the budget, w the window where it may be small. */
  static Stream<String> methods() {
    return Stream.of(
        "snapkv(budget=%s,window=8)",
        "snapkv(budget=%s,window=8,kernel=3,pool=avg,group=max)",
        "pyramidkv(budget=%s,window=8)",
        "adakv(budget=%s,window=8)",
        "tova(budget=%s)",
        "speckv(budget=%s,window=8)",
        "gemfilter(budget=%s,layer=1)",
        "h2o(budget=%s,recent=4)",
        "h2o(budget=%s,recent=4,normalized=true,group=sum)",
        "prefixkv(budget=%s)",
        "ems(budget=%s,window=8)",
        "zeromerge(budget=%s,tail=6,dense=2)",
        "zeromerge(budget=%s,tail=6,dense=0)",
        "elastic(budget=%s)",
        "kvzip(budget=%s)",
        "specpc(budget=%s,window=8,kernel=5)",
        "expected(budget=%s,future=20)",
        "knorm(budget=%s)",
        "keydiff(budget=%s)",
        "lagkv(budget=%s,lag=16)",
        "infinipotv(budget=%s,frame=10,system=6)",
        "streamingllm(budget=%s)",
        "random(budget=%s,seed=5)",
        "snapkv(budget=%s,window=8)+ada(floor=0.2)+pyramid(beta=4)",
        "snapkv(budget=%s,window=8)+chunks(size=24)",
        "snapkv(budget=%s,window=8)+whole(size=10)",
        "snapkv(budget=%s,window=8)+critical(share=0.5)",
        "h2o(budget=%s,recent=4)+prefix+values",
        "tova(budget=%s)+nearest+protect(sinks=4,recent=2)",
        "knorm(budget=%s)+global+compensate",
        "keydiff(budget=%s)+layers(weights=3:2:1)+rerotate");
  }

  @ParameterizedTest
  @MethodSource("methods")
  void keepsEverythingAtABudgetOfAllTokens(String method) {
    for (String budget : List.of("1.0", Integer.toString(TOKENS))) {
      KeepPlan plan = plan(method, budget, model(7));
      for (List<HeadKeep> layer : plan.layers()) {
        for (HeadKeep head : layer) {
          assertThat(head.tokens()).hasSize(TOKENS);
          assertThat(head.merged()).isEmpty();
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void usesItsBudgetExactlyAndSortsWhatItKeeps(String method) {
    long seed = Layers.seed("usesItsBudgetExactly");
    List<Observation> model = model(seed);
    for (int budget : new int[] {16, 23, 40, 77, 95}) {
      KeepPlan plan = plan(method, Integer.toString(budget), model);
      assertThat(plan.slots()).isEqualTo((long) LAYERS * Layers.KV_HEADS * budget);
      for (List<HeadKeep> layer : plan.layers()) {
        for (HeadKeep head : layer) {
          assertThat(head.tokens()).isSorted().doesNotHaveDuplicates();
          assertThat(Arrays.stream(head.tokens()).max().orElse(0)).isLessThan(TOKENS);
          assertThat(head.positions()).isEqualTo(head.tokens());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("methods")
  void decidesTheSameAgainWithoutMemoryOfOtherPrompts(String method) {
    long seed = Layers.seed("decidesTheSameAgain");
    EvictionPolicy policy = EvictionPolicies.parse(method.formatted("30"));
    EvictionPlanner used = new EvictionPlanner(policy, Backend.SCALAR);
    used.plan(model(seed + 1));
    KeepPlan again = used.plan(model(seed));
    KeepPlan fresh = new EvictionPlanner(policy, Backend.SCALAR).plan(model(seed));

    assertThat(tokens(again)).isEqualTo(tokens(fresh));
  }

  @ParameterizedTest
  @MethodSource("methods")
  void readsItsOwnFullText(String method) {
    EvictionPolicy policy = EvictionPolicies.parse(method.formatted("0.5"));
    assertThat(EvictionPolicies.parse(policy.text())).isEqualTo(policy);
  }

  /** A token that all queries look for, and whose key is long. */
  private static Observation withNeedle(Observation layer, int token) {
    int tokens = layer.tokens();
    SplittableRandom random = new SplittableRandom(layer.layer());
    float[] keys = noise(random, Layers.KV_HEADS * tokens * Layers.DIM);
    float[] values = noise(random, Layers.KV_HEADS * tokens * Layers.DIM);
    float[] queries = noise(random, Layers.QUERY_HEADS * tokens * Layers.DIM);
    for (int query = 0; query < Layers.QUERY_HEADS * tokens; query++) {
      queries[query * Layers.DIM] += 2;
    }
    for (int head = 0; head < Layers.KV_HEADS; head++) {
      keys[(head * tokens + token) * Layers.DIM] = 12;
    }
    return Layers.of(layer.layer(), layer.shape(), tokens, keys, values, queries);
  }

  private static float[] noise(SplittableRandom random, int count) {
    float[] floats = new float[count];
    for (int i = 0; i < count; i++) {
      floats[i] = (float) random.nextGaussian() / 2;
    }
    return floats;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "snapkv(budget=12,window=6)",
        "pyramidkv(budget=20,window=4,beta=4)",
        "adakv(budget=12,window=6)",
        "tova(budget=8)",
        "speckv(budget=12,window=6)",
        "gemfilter(budget=8,layer=0)",
        "zipvl(mass=0.9)",
        "h2o(budget=8)",
        "prefixkv(budget=20)",
        "ems(budget=12,window=4,threshold=2)",
        "zeromerge(budget=12,tail=4,dense=0)",
        "elastic(budget=8,merge=false)"
      })
  void keepsWhatQueriesLookFor(String method) {
    for (int token : new int[] {13, 48, 71}) {
      KeepPlan plan = planOf(method, token);
      for (List<HeadKeep> layer : plan.layers()) {
        for (HeadKeep head : layer) {
          assertThat(head.tokens()).as("%s, token %d", method, token).contains(token);
        }
      }
    }
  }

  /** These see no query: what a query will look for they keep by chance or not at all. */
  @ParameterizedTest
  @ValueSource(strings = {"knorm(budget=12)", "streamingllm(budget=12)", "random(budget=12)"})
  void losesWhatQueriesLookForWhereItSeesNone(String method) {
    KeepPlan plan = planOf(method, 48);

    assertThat(plan.layers().stream().flatMap(List::stream))
        .anySatisfy(head -> assertThat(head.tokens()).doesNotContain(48));
  }

  private static KeepPlan planOf(String method, int token) {
    List<Observation> model = model(7).stream().map(layer -> withNeedle(layer, token)).toList();
    return new EvictionPlanner(EvictionPolicies.parse(method), Backend.SCALAR).plan(model);
  }

  /**
   * Attention of the newest query: what a method keeps of it lies between chance and the best. Of a
   * single model chance may do well, so many are summed.
   */
  @Test
  void keepsMoreAttentionThanChanceAndNoMoreThanTheBest() {
    long seed = Layers.seed("keepsMoreAttention");
    List<List<Observation>> models =
        LongStream.range(0, 400).mapToObj(i -> model(seed + i)).toList();
    double best = masses(models, "tova(budget=24,recent=0)");
    double chance = masses(models, "random(budget=24)");
    for (String method : List.of("snapkv(budget=24,window=8)", "h2o(budget=24,normalized=true)")) {
      assertThat(masses(models, method)).as(method).isBetween(chance, best + 1e-4);
    }
  }

  private static double masses(List<List<Observation>> models, String method) {
    return models.stream().mapToDouble(model -> mass(model, method)).sum();
  }

  /** Summed over the query heads of all layers, by the attention that TOVA averages over heads. */
  private static double mass(List<Observation> model, String method) {
    KeepPlan plan = new EvictionPlanner(EvictionPolicies.parse(method), Backend.SCALAR).plan(model);
    Workspace workspace = new Workspace(Backend.SCALAR);
    double mass = 0;
    for (int layer = 0; layer < LAYERS; layer++) {
      float[] shares = new TovaScorer().score(model.get(layer), workspace).heads()[0];
      for (int head = 0; head < Layers.KV_HEADS; head++) {
        for (int token : plan.head(layer, head).tokens()) {
          mass += shares[token];
        }
      }
    }
    return mass;
  }

  /** Without draws by head, and without budgets that a tie between two heads may decide. */
  static Stream<String> headlessMethods() {
    return methods().filter(text -> !text.contains("random") && !text.contains("ada"));
  }

  @ParameterizedTest
  @MethodSource("headlessMethods")
  void exchangesHeadsWithTheirContent(String method) {
    long seed = Layers.seed("exchangesHeads");
    List<Observation> model = model(seed);
    KeepPlan plan = plan(method, "40", model);
    KeepPlan swapped = plan(method, "40", model.stream().map(SwappedHeads::of).toList());

    for (int layer = 0; layer < LAYERS; layer++) {
      assertThat(swapped.head(layer, 0).tokens()).isEqualTo(plan.head(layer, 1).tokens());
      assertThat(swapped.head(layer, 1).tokens()).isEqualTo(plan.head(layer, 0).tokens());
    }
  }

  static Stream<String> nestedMethods() {
    Set<String> uneven =
        new HashSet<>(List.of("pyramid", "ada", "critical", "infinipotv", "layers"));
    return methods().filter(text -> uneven.stream().noneMatch(text::contains));
  }

  @ParameterizedTest
  @MethodSource("nestedMethods")
  void keepsMoreOfTheSameForALargerBudget(String method) {
    long seed = Layers.seed("keepsMoreOfTheSame");
    List<Observation> model = model(seed);
    List<List<Integer>> smaller = tokens(plan(method, "16", model));
    for (int budget = 17; budget <= TOKENS; budget += 9) {
      List<List<Integer>> larger = tokens(plan(method, Integer.toString(budget), model));
      for (int head = 0; head < smaller.size(); head++) {
        assertThat(larger.get(head)).containsAll(smaller.get(head));
      }
      smaller = larger;
    }
  }

  @Test
  void keepsFullHeadsWholeAndBothEndsOfTheOthers(@TempDir Path folder) {
    Path file = folder.resolve("heads.json");
    HeadMapFile.write(
        file, new HeadMap(2, List.of(List.of(1), List.of(), List.of(0, 1))), Map.of());
    String text = "razorattention(heads='%s',compression=4,sinks=4,recent=10)".formatted(file);

    KeepPlan plan =
        new EvictionPlanner(EvictionPolicies.parse(text), Backend.SCALAR).plan(model(3));

    assertThat(plan.head(0, 1).tokens()).hasSize(TOKENS);
    assertThat(plan.head(2, 0).merged()).isEmpty();
    assertThat(plan.head(1, 0).tokens()).hasSize(4 + 24).startsWith(0, 1, 2, 3, 72).endsWith(95);
    assertThat(plan.head(1, 0).merged())
        .singleElement()
        .satisfies(slot -> {
          assertThat(slot.count()).isEqualTo(TOKENS - 28);
          assertThat(slot.weight()).isEqualTo(TOKENS - 28f);
        });
    // The formula: full heads whole, streaming heads sinks, a quarter of the tokens and one slot.
    assertThat(plan.slots()).isEqualTo(3L * TOKENS + 3L * (4 + 24 + 1));
  }

  private static KeepPlan plan(String method, String budget, List<Observation> model) {
    EvictionPolicy policy = EvictionPolicies.parse(method.formatted(budget));
    return new EvictionPlanner(policy, Backend.SCALAR).plan(model);
  }

  private static List<List<Integer>> tokens(KeepPlan plan) {
    List<List<Integer>> tokens = new ArrayList<>();
    plan.layers()
        .forEach(layer ->
            layer.forEach(head -> tokens.add(Arrays.stream(head.tokens()).boxed().toList())));
    return tokens;
  }

  /** A model with every signal that a method may ask for. */
  private static List<Observation> model(long seed) {
    List<Observation> model = new ArrayList<>();
    for (Observation layer : Layers.model(seed, LAYERS, TOKENS)) {
      SplittableRandom random = new SplittableRandom(seed - layer.layer());
      model.add(
          layer
              .with(Signal.REPEAT_ATTENTION, rows(random, Layers.QUERY_HEADS))
              .with(Signal.DRAFT_SCORES, rows(random, 1))
              .with(Signal.PROJECTED_NORMS, rows(random, Layers.KV_HEADS)));
    }
    return model;
  }

  private static float[][] rows(SplittableRandom random, int heads) {
    float[][] rows = new float[heads][TOKENS];
    for (float[] row : rows) {
      for (int i = 0; i < TOKENS; i++) {
        row[i] = (float) random.nextDouble();
      }
    }
    return rows;
  }
}

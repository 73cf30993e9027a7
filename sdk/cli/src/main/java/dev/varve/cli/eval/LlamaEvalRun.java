package dev.varve.cli.eval;

import dev.varve.eviction.observe.Needs;
import dev.varve.eviction.observe.Observation;
import dev.varve.eviction.text.EvictionPolicies;
import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.SequenceState;
import dev.varve.llamacpp.TokenSampler;
import dev.varve.llamacpp.Wanted;
import dev.varve.llamacpp.observe.LlamaEviction;
import dev.varve.llamacpp.observe.PromptObserver;
import dev.varve.store.Checks;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.function.LongSupplier;

/**
 * The evaluation inside llama.cpp: policies judge by the queries, keys and values that it shows,
 * and positions are removed from its own cache. Errors and masses of attention, which it does not
 * show, are not a number. For one thread.
 */
public final class LlamaEvalRun {

  /** What is tried unless something else is asked for. */
  public static final List<String> POLICIES =
      List.of("snapkv", "h2o", "tova", "streamingllm", "knorm", "random");

  /** Room for a question and its answer. */
  private static final int QUESTION_TOKENS = 256;

  private final LlamaModel model;
  private final EvalSettings settings;
  private final String prose;
  private final List<Trial> trials = new ArrayList<>();
  private final Map<Candidate, Tally> tallies = new LinkedHashMap<>();
  private final LongSupplier nanos;

  /** One policy at one budget. */
  private record Trial(String policy, OptionalDouble budget, LlamaEviction eviction) {
    Candidate candidate(boolean questionVisible) {
      return new Candidate(policy, budget, questionVisible);
    }
  }

  /** A prompt that was decoded. */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  private record Observed(
      float[] logits, List<Observation> layers, SequenceState state, int tokens) {}

  /**
   * Prepares an evaluation.
   *
   * @param budgets shares of the tokens, for policies without a budget
   * @param nanos a clock like {@link System#nanoTime}
   * @throws IllegalArgumentException if a policy is wrong or cannot run in llama.cpp, or the
   *     prompts do not fit the model
   */
  public LlamaEvalRun(
      LlamaModel model,
      List<PolicyChoice> policies,
      List<Double> budgets,
      EvalSettings settings,
      String prose,
      Backend backend,
      LongSupplier nanos) {
    this.model = model;
    this.settings = settings;
    this.prose = prose;
    this.nanos = nanos;
    Checks.inRange(
        capacity(),
        1,
        model.dimensions().context(),
        "tokens of a prompt and what follows it, in the model's context,");
    for (PolicyChoice choice : policies) {
      if (EvictionPolicies.lacksBudget(choice.text())) {
        for (double budget : budgets) {
          String text = EvictionPolicies.withBudget(choice.text(), budget);
          add(choice.name(), OptionalDouble.of(budget), text, backend);
        }
      } else {
        add(choice.name(), OptionalDouble.empty(), choice.text(), backend);
      }
    }
  }

  private void add(String name, OptionalDouble budget, String text, Backend backend) {
    LlamaEviction eviction = LlamaEviction.of(EvictionPolicies.parse(text), backend);
    Trial trial = new Trial(name, budget, eviction);
    trials.add(trial);
    tallies.put(trial.candidate(true), new Tally());
    tallies.put(trial.candidate(false), new Tally());
  }

  private int capacity() {
    return settings.promptTokens() + Math.max(settings.lossTokens(), QUESTION_TOKENS);
  }

  /** The rows. */
  public List<EvalRow> run(EvalRun.Progress progress) {
    Random random = new Random(settings.seed());
    int length = settings.promptTokens() + settings.lossTokens();
    int[] tokens = model.tokenize(prose);
    if (tokens.length < length) {
      throw new IllegalArgumentException(
          "the text has %d tokens, a passage takes %d: give a longer one or a shorter prompt"
              .formatted(tokens.length, length));
    }
    int parts = settings.passages() + settings.documents();
    int done = 0;
    try (LlamaContext context = model.openContext(ContextOptions.of(capacity()).observed())) {
      for (int i = 0; i < settings.passages(); i++) {
        int from = random.nextInt(tokens.length - length + 1);
        passage(context, Arrays.copyOfRange(tokens, from, from + length));
        progress.show(++done, parts);
      }
      NeedleDocuments documents = new NeedleDocuments(prose, random);
      for (int i = 0; i < settings.documents(); i++) {
        document(context, documents.next(settings.promptTokens()));
        progress.show(++done, parts);
      }
    }
    return Candidates.rows(tallies);
  }

  private void passage(LlamaContext context, int[] tokens) {
    int prompt = settings.promptTokens();
    int[] after = Arrays.copyOfRange(tokens, prompt, tokens.length);
    try (Arena arena = Arena.ofConfined()) {
      Observed base = observe(context, Arrays.copyOf(tokens, prompt), arena);
      double full = loss(context, base.logits(), after);
      for (Trial trial : trials) {
        Tally tally = new Tally();
        forget(context, base, trial, tally);
        tally.tokens(after.length, loss(context, base.logits(), after), full);
        tally(trial, true).add(tally);
        tally(trial, false).add(tally);
      }
    }
  }

  private void document(LlamaContext context, NeedleDocument document) {
    int[] text = model.tokenize(document.text());
    try (Arena arena = Arena.ofConfined()) {
      Observed base = observe(context, text, arena);
      for (Fact fact : document.facts()) {
        int[] question = model.tokenize(fact.question());
        int[] answer = model.tokenize(fact.answer());
        int[] both = Arrays.copyOf(text, text.length + question.length);
        System.arraycopy(question, 0, both, text.length, question.length);
        Observed asked = observe(context, both, arena);
        boolean full = says(context, asked.logits(), answer);
        for (Trial trial : trials) {
          forget(context, asked, trial, tally(trial, true));
          tally(trial, true).question(says(context, asked.logits(), answer), full);
          forget(context, base, trial, tally(trial, false));
          float[] logits = context.decode(question, Wanted.LAST);
          tally(trial, false).question(says(context, logits, answer), full);
        }
      }
    }
  }

  private Tally tally(Trial trial, boolean questionVisible) {
    return Objects.requireNonNull(tallies.get(trial.candidate(questionVisible)));
  }

  private Observed observe(LlamaContext context, int[] prompt, Arena arena) {
    PromptObserver observer = new PromptObserver(model.dimensions(), Needs.ALL);
    context.clear();
    context.observe(Optional.of(observer));
    try {
      float[] logits = context.decode(prompt, Wanted.LAST);
      SequenceState state = context.state(0, prompt.length, arena);
      return new Observed(logits, observer.observations(), state, prompt.length);
    } finally {
      context.observe(Optional.empty());
    }
  }

  /** Makes the prompt the content of the context again, less what is forgotten. */
  private void forget(LlamaContext context, Observed prompt, Trial trial, Tally tally) {
    long start = nanos.getAsLong();
    int[] kept = trial.eviction().kept(prompt.layers());
    double seconds = (nanos.getAsLong() - start) / 1e9;
    context.clear();
    context.append(prompt.state().bytes());
    start = nanos.getAsLong();
    context.keepOnly(kept, prompt.tokens());
    seconds += (nanos.getAsLong() - start) / 1e9;
    long token = context.tokenBytes();
    tally.prompt(kept.length * token, prompt.tokens() * token, seconds);
  }

  private static double loss(LlamaContext context, float[] before, int[] tokens) {
    float[] logits = context.decode(tokens, Wanted.ALL);
    int vocabulary = before.length;
    double sum = Continuation.loss(before, 0, vocabulary, tokens[0]);
    for (int i = 1; i < tokens.length; i++) {
      sum += Continuation.loss(logits, (i - 1) * vocabulary, vocabulary, tokens[i]);
    }
    return sum;
  }

  private static boolean says(LlamaContext context, float[] before, int[] tokens) {
    float[] logits = before;
    for (int i = 0; i < tokens.length; i++) {
      if (TokenSampler.greedy().next(logits) != tokens[i]) {
        return false;
      }
      if (i < tokens.length - 1) {
        logits = context.decode(new int[] {tokens[i]}, Wanted.LAST);
      }
    }
    return true;
  }
}

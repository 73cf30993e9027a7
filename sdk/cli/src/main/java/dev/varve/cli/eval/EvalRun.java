package dev.varve.cli.eval;

import dev.varve.engine.LlamaModel;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.store.Checks;
import dev.varve.store.Dtype;
import dev.varve.store.ModelGeometry;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Opens what an evaluation needs, runs it and closes it again. */
public final class EvalRun {
  private static final int BLOCK_TOKENS = 128;

  /**
   * A prompt, the whole, the pruned and the asked session of one task, what is being freed, and the
   * repeated or drafted prompt, which is longer.
   */
  private static final int SESSIONS_OF_A_TASK = 8;

  /** Room for a question and its answer. */
  private static final int QUESTION_TOKENS = 256;

  /** A chunk that is repeated behind a prompt, and the request for it. */
  private static final int REPEATED_TOKENS = 640;

  private final LlamaModel model;
  private final Candidates candidates;
  private final EvalSettings settings;
  private final String prose;
  private final ModelGeometry geometry;

  /**
   * @param policies what to try
   * @param budgets shares of the tokens, for policies without a budget
   * @param prose what prompts are made of
   * @throws IllegalArgumentException if a policy is wrong, or the prompts do not fit the model
   */
  public EvalRun(
      LlamaModel model,
      List<PolicyChoice> policies,
      List<Double> budgets,
      EvalSettings settings,
      String prose) {
    this.model = model;
    this.settings = settings;
    this.prose = prose;
    this.geometry = ModelGeometry.of(model.modelShape(Dtype.F16), BLOCK_TOKENS);
    this.candidates =
        Trials.of(
            policies, budgets, geometry.shape(), new ModelProjections(model), System::nanoTime);
    Checks.inRange(
        settings.promptTokens() + Math.max(settings.lossTokens(), QUESTION_TOKENS),
        1,
        model.config().context(),
        "tokens of a prompt and what follows it, in the model's context,");
  }

  /** Something that shows progress. */
  @FunctionalInterface
  public interface Progress {
    /** {@code done} of {@code total} parts are done. */
    void show(long done, long total);
  }

  /** The rows, on so many threads of its own. */
  public List<EvalRow> run(int threads, Progress progress) throws InterruptedException {
    Checks.positive(threads, "threads");
    CacheConfig config =
        CacheConfig.of(geometry.shape(), model.modelIdentity())
            .blockTokens(geometry.blockTokens())
            .hot(hotBytes(threads))
            .build();
    try (KvCache cache = KvCache.open(config);
        ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      Evaluation evaluation =
          new Evaluation(model, cache, candidates, settings, prose, System::nanoTime);
      return evaluation.run(executor, done -> progress.show(done, evaluation.parts()));
    }
  }

  private long hotBytes(int threads) {
    int tokens = settings.promptTokens() + Math.max(settings.lossTokens(), QUESTION_TOKENS);
    long spans = Math.ceilDiv(tokens + REPEATED_TOKENS, geometry.blockTokens()) + 3L;
    long slots = SESSIONS_OF_A_TASK * spans * geometry.owningLayers();
    return slots * geometry.largestBlock() * threads;
  }
}

package dev.varve.cli.eval;

import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.sdk.KvCache;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Runs a real model under every candidate. Each passage and each document is one task, computed
 * once for all candidates; the figures do not depend on the number of threads.
 */
final class Evaluation {
  private final LlamaModel model;
  private final KvCache cache;
  private final Candidates candidates;
  private final EvalSettings settings;
  private final String prose;
  private final LongSupplier nanos;

  Evaluation(
      LlamaModel model,
      KvCache cache,
      Candidates candidates,
      EvalSettings settings,
      String prose,
      LongSupplier nanos) {
    this.model = model;
    this.cache = cache;
    this.candidates = candidates;
    this.settings = settings;
    this.prose = prose;
    this.nanos = nanos;
  }

  /** Parts of the work. */
  int parts() {
    return settings.passages() + settings.documents();
  }

  /**
   * Runs all parts.
   *
   * @param threads run them; as many at a time as it has threads
   * @param progress hears how many parts are done, in order
   * @throws IllegalArgumentException if the text is too short, or a policy refuses a prompt
   */
  List<EvalRow> run(ExecutorService threads, IntConsumer progress) throws InterruptedException {
    List<Future<Map<Candidate, Tally>>> running = new ArrayList<>();
    for (Supplier<Map<Candidate, Tally>> part : tasks()) {
      running.add(threads.submit(part::get));
    }
    Map<Candidate, Tally> sums = candidates.newTallies();
    try {
      for (int i = 0; i < running.size(); i++) {
        running.get(i).get().forEach((candidate, tally) -> sum(sums, candidate, tally));
        progress.accept(i + 1);
      }
    } catch (ExecutionException e) {
      throw e.getCause() instanceof RuntimeException cause
          ? cause
          : new CancellationException(String.valueOf(e.getCause()));
    } finally {
      running.forEach(part -> part.cancel(true));
    }
    return Candidates.rows(sums);
  }

  private static void sum(Map<Candidate, Tally> sums, Candidate candidate, Tally tally) {
    sums.computeIfAbsent(candidate, c -> new Tally()).add(tally);
  }

  private List<Supplier<Map<Candidate, Tally>>> tasks() {
    Random random = new Random(settings.seed());
    List<Supplier<Map<Candidate, Tally>>> tasks = new ArrayList<>();
    int length = settings.promptTokens() + settings.lossTokens();
    int[] tokens = model.tokenizer().encode(prose);
    if (tokens.length < length) {
      throw new IllegalArgumentException(
          "the text has %d tokens, a passage takes %d: give a longer one or a shorter prompt"
              .formatted(tokens.length, length));
    }
    for (int i = 0; i < settings.passages(); i++) {
      int from = random.nextInt(tokens.length - length + 1);
      int[] passage = Arrays.copyOfRange(tokens, from, from + length);
      tasks.add(() ->
          new PassageTrial(cache, new LlamaDecoder(model), candidates, nanos)
              .run(passage, settings.promptTokens()));
    }
    NeedleDocuments documents = new NeedleDocuments(prose, random);
    for (int i = 0; i < settings.documents(); i++) {
      NeedleDocument document = documents.next(settings.promptTokens());
      tasks.add(
          () -> new NeedleTrial(cache, new LlamaDecoder(model), candidates, nanos).run(document));
    }
    return tasks;
  }
}

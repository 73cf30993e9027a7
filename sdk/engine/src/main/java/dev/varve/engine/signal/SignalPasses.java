package dev.varve.engine.signal;

import dev.varve.engine.CacheSession;
import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaDecoder.Logits;
import dev.varve.engine.StepSource;
import dev.varve.sdk.KvSession;
import dev.varve.sdk.LookAhead;
import dev.varve.sdk.RepeatPass;
import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Passes through a model that only serve the policy of a session: they find what it cannot see in
 * keys, values and queries. The session itself goes on where it was. For one thread at a time.
 */
public final class SignalPasses {
  /** As the authors of KVzip ask for it. */
  private static final String REQUEST = "\n\nRepeat the previous context exactly.\n";

  private static final int ANCHOR = 8;

  private final LlamaDecoder decoder;

  public SignalPasses(LlamaDecoder decoder) {
    this.decoder = decoder;
  }

  /**
   * Has the model repeat the context of {@code session}, and tells the session what it looked at:
   * KVzip (Kim et al., NeurIPS 2025, arXiv 2505.23416). Each chunk follows the whole context, a
   * request, and the last tokens of the chunk before.
   *
   * @param chunk most tokens that are repeated at once
   * @param sinks first tokens, which always count as seen
   * @throws IllegalArgumentException if the model's context has no room for that
   */
  public void repeat(KvSession session, int chunk, int sinks) {
    Checks.positive(chunk, "chunk");
    int[] tokens = session.tokenIds();
    int[] request = decoder.model().tokenizer().encode(REQUEST);
    int room = decoder.model().config().context() - tokens.length - request.length - ANCHOR;
    Checks.inRange(
        Math.min(chunk, tokens.length),
        1,
        room,
        "tokens to repeat in what %d tokens leave of the model's context,"
            .formatted(tokens.length));
    try (RepeatPass pass = session.repeat(sinks)) {
      for (int from = 0; from < tokens.length; from += chunk) {
        int to = Math.min(tokens.length, from + chunk);
        int[] anchor = Arrays.copyOfRange(tokens, Math.max(0, from - ANCHOR), from);
        int[] asked = joined(request, joined(anchor, Arrays.copyOfRange(tokens, from, to)));
        try (StepSource.Step step = CacheSession.over(pass.begin(from, to, asked))) {
          decoder.step(asked, tokens.length, Logits.NONE, step);
          step.end();
        }
      }
      pass.give();
    }
  }

  /**
   * Runs a draft's answer behind the context of {@code session} and has its policy decide with the
   * queries of that in view: SpecKV (2025, arXiv 2506.08373).
   *
   * @param draft tokens of the answer
   * @return whether anything was forgotten
   */
  public boolean lookAhead(KvSession session, int[] draft) {
    try (LookAhead ahead = session.lookAhead()) {
      try (StepSource.Step step = CacheSession.over(ahead.begin(draft))) {
        decoder.step(draft, session.length(), Logits.NONE, step);
        step.end();
      }
      return ahead.forget();
    }
  }

  private static int[] joined(int[] first, int[] second) {
    return IntStream.concat(IntStream.of(first), IntStream.of(second)).toArray();
  }
}

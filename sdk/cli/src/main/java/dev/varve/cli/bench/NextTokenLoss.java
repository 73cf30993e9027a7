package dev.varve.cli.bench;

import dev.varve.engine.LlamaDecoder;
import dev.varve.engine.LlamaModel;
import dev.varve.store.LayerShape;
import java.util.Arrays;

/** What a cache that was written and read again costs in prediction. */
final class NextTokenLoss {
  private final LlamaModel model;
  private final LayerShape shape;
  private final int[] tokens;
  private final int blockTokens;

  /** On the whole blocks among the first {@code most} tokens. */
  NextTokenLoss(LlamaModel model, LayerShape shape, int[] tokens, int most, int blockTokens) {
    int length = Math.min(most, tokens.length) / blockTokens * blockTokens;
    this.model = model;
    this.shape = shape;
    this.tokens = Arrays.copyOf(tokens, length);
    this.blockTokens = blockTokens;
  }

  /** Tokens that are run. */
  int tokens() {
    return tokens.length;
  }

  /** Mean negative log-likelihood, in nats, of every token after the first block. */
  double of(KvCoding coding) {
    LlamaDecoder decoder = new LlamaDecoder(model);
    int layers = model.config().layers();
    RecodedAttention attention =
        new RecodedAttention(shape, layers, tokens.length, blockTokens, coding);
    double sum = 0;
    int counted = 0;
    for (int from = 0; from < tokens.length; from += blockTokens) {
      int[] step = Arrays.copyOfRange(tokens, from, from + blockTokens);
      float[] logits = decoder.step(step, from, LlamaDecoder.Logits.ALL, attention);
      int vocabulary = logits.length / blockTokens;
      for (int i = 0; from > 0 && i < blockTokens && from + i + 1 < tokens.length; i++) {
        sum += loss(logits, i * vocabulary, vocabulary, tokens[from + i + 1]);
        counted++;
      }
    }
    return sum / Math.max(1, counted);
  }

  private static double loss(float[] logits, int at, int vocabulary, int token) {
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < vocabulary; i++) {
      most = Math.max(most, logits[at + i]);
    }
    double total = 0;
    for (int i = 0; i < vocabulary; i++) {
      total += Math.exp(logits[at + i] - most);
    }
    return Math.log(total) + most - logits[at + token];
  }
}

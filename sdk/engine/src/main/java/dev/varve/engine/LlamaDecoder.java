package dev.varve.engine;

import dev.varve.sdk.EngineTensor;
import dev.varve.store.Checks;
import java.util.Arrays;
import java.util.concurrent.ExecutorService;

/**
 * A Llama decoder without a cache of its own: per layer it hands keys, values and queries to a
 * {@link LayerAttention}. What it computes for a token has the same bits whatever tokens share the
 * step. For one thread at a time.
 */
public final class LlamaDecoder {
  private final LlamaModel model;
  private final LlamaConfig config;
  private final RowMultiply rows;
  private final Rotary rotary;

  /** Which logits a step computes. */
  public enum Logits {
    /** None: more of the prompt follows. */
    NONE,
    /** Those after the last token. */
    LAST,
    /** Those after every token. */
    ALL
  }

  /** Computes in the calling thread. */
  public LlamaDecoder(LlamaModel model) {
    this(model, new ScalarRowMultiply());
  }

  /** Splits large products among {@code workers} tasks of {@code executor}, with equal results. */
  public LlamaDecoder(LlamaModel model, ExecutorService executor, int workers) {
    this(model, new ParallelRows(new ScalarRowMultiply(), executor, workers));
  }

  private LlamaDecoder(LlamaModel model, RowMultiply rows) {
    this.model = model;
    this.config = model.config();
    this.rows = rows;
    this.rotary = new Rotary(config.rope());
  }

  /** The model that is decoded. */
  public LlamaModel model() {
    return model;
  }

  /**
   * Runs one step.
   *
   * @param tokens at least one id
   * @param position position of the first of them: the length of the cache
   * @param wanted which logits to return
   * @param attention the cache
   * @return {@code [rows][vocabulary]}, as many rows as were wanted
   */
  public float[] step(int[] tokens, int position, Logits wanted, LayerAttention attention) {
    int n = Checks.positive(tokens.length, "tokens of a step");
    Checks.inRange(position, 0, config.context() - n, "position of a step of " + n + " tokens");
    float[] residual = embed(tokens);
    float[] normed = new float[residual.length];
    float[] q = new float[n * config.queryWidth()];
    float[] k = new float[n * config.kvWidth()];
    float[] v = new float[n * config.kvWidth()];
    float[] attended = new float[q.length];
    rotary.prepare(position, n);
    for (int layer = 0; layer < config.layers(); layer++) {
      norm(Weight.ATTENTION_NORM, layer, residual, normed);
      multiply(Weight.QUERY, layer, normed, q);
      multiply(Weight.KEY, layer, normed, k);
      multiply(Weight.VALUE, layer, normed, v);
      rotary.turn(q, n, config.heads(), config.headDim());
      rotary.turn(k, n, config.kvHeads(), config.headDim());
      attention.attend(
          layer,
          EngineTensor.of(k, n, config.kvHeads(), config.headDim()),
          EngineTensor.of(v, n, config.kvHeads(), config.headDim()),
          EngineTensor.of(q, n, config.heads(), config.headDim()),
          EngineTensor.of(attended, n, config.heads(), config.headDim()));
      multiply(Weight.OUTPUT, layer, attended, normed);
      add(residual, normed);
      feedForward(layer, residual, normed);
    }
    return switch (wanted) {
      case NONE -> new float[0];
      case LAST -> logits(Arrays.copyOfRange(residual, (n - 1) * config.hidden(), residual.length));
      case ALL -> logits(residual);
    };
  }

  private float[] embed(int[] tokens) {
    float[] residual = new float[tokens.length * config.hidden()];
    for (int t = 0; t < tokens.length; t++) {
      int id = Checks.inRange(tokens[t], 0, config.vocabulary() - 1, "token id");
      model.weight(Weight.EMBEDDING, 0).row(id, residual, t * config.hidden());
    }
    return residual;
  }

  /** SwiGLU (Shazeer, 2020). */
  private void feedForward(int layer, float[] residual, float[] normed) {
    int n = residual.length / config.hidden();
    float[] gate = new float[n * config.feedForward()];
    float[] up = new float[gate.length];
    norm(Weight.FEED_FORWARD_NORM, layer, residual, normed);
    multiply(Weight.GATE, layer, normed, gate);
    multiply(Weight.UP, layer, normed, up);
    for (int i = 0; i < gate.length; i++) {
      gate[i] = (float) (gate[i] / (1 + Math.exp(-gate[i]))) * up[i];
    }
    multiply(Weight.DOWN, layer, gate, normed);
    add(residual, normed);
  }

  private float[] logits(float[] residual) {
    float[] logits = new float[residual.length / config.hidden() * config.vocabulary()];
    norm(Weight.FINAL_NORM, 0, residual, residual);
    multiply(Weight.CLASSIFIER, 0, residual, logits);
    return logits;
  }

  private void multiply(Weight weight, int layer, float[] x, float[] out) {
    Matrix matrix = model.weight(weight, layer);
    rows.multiply(matrix, 0, matrix.rows(), x, x.length / matrix.columns(), out);
  }

  /** RMSNorm (Zhang and Sennrich, 2019). */
  private void norm(Weight weight, int layer, float[] x, float[] out) {
    int width = config.hidden();
    float[] gain = new float[width];
    model.weight(weight, layer).row(0, gain, 0);
    for (int at = 0; at < x.length; at += width) {
      float squares = 0;
      for (int i = at; i < at + width; i++) {
        squares += x[i] * x[i];
      }
      float scale = (float) (1 / Math.sqrt(squares / width + config.normEpsilon()));
      for (int i = 0; i < width; i++) {
        out[at + i] = gain[i] * (scale * x[at + i]);
      }
    }
  }

  private static void add(float[] residual, float[] delta) {
    for (int i = 0; i < residual.length; i++) {
      residual[i] += delta[i];
    }
  }
}

package dev.varve.sdk;

import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import java.util.SplittableRandom;

/**
 * Keys, values and queries of a long text with what is known of real ones: a few channels of large
 * and constant value, topics that hold for hundreds of tokens and come back, first tokens that draw
 * attention from everywhere, queries that turn slowly and jump now and then. Fixed by seed.
 */
final class LongContext {

  private static final int TOPICS = 48;
  private static final int RUN = 400;
  private static final int SINKS = 4;

  private final ModelShape shape;
  private final long seed;
  private final float[][][] topics;

  LongContext(ModelShape shape, long seed) {
    this.shape = shape;
    this.seed = seed;
    this.topics = new float[shape.layerCount()][][];
    for (int layer = 0; layer < topics.length; layer++) {
      LayerShape of = shape.layers().get(layer);
      SplittableRandom random = random(1, layer, 0);
      topics[layer] = new float[of.kvHeads() * (TOPICS + 1)][];
      for (int i = 0; i < topics[layer].length; i++) {
        topics[layer][i] = gaussian(random, of.keyDim(), 1);
      }
    }
  }

  private SplittableRandom random(int kind, int layer, int at) {
    return new SplittableRandom((seed * 31 + kind) * 1_000_003L + layer * 7_919L + (long) at * 64);
  }

  private static float[] gaussian(SplittableRandom random, int count, double scale) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) (scale * random.nextGaussian());
    }
    return values;
  }

  /** What the text is about at a position; runs differ in length. */
  private int topic(int position) {
    int run = position / RUN;
    return (int) (((run * 2_654_435_761L) >>> 7) % TOPICS);
  }

  /** What the answer is about at a step: the same for a while. */
  private int asked(int step) {
    return (int) (((long) (step / 24) * 40_503 + 11) % TOPICS);
  }

  private float[] direction(int layer, int head, int topic) {
    return topics[layer][head * (TOPICS + 1) + topic];
  }

  /** Keys {@code [tokens][kvHeads][keyDim]} of a layer. */
  EngineTensor keys(int layer, int position, int tokens) {
    LayerShape of = shape.layers().get(layer);
    float[] rows = new float[tokens * of.kvHeads() * of.keyDim()];
    for (int t = 0; t < tokens; t++) {
      SplittableRandom random = random(2, layer, position + t);
      for (int head = 0; head < of.kvHeads(); head++) {
        boolean sink = position + t < SINKS;
        float[] about = direction(layer, head, sink ? TOPICS : topic(position + t));
        int at = (t * of.kvHeads() + head) * of.keyDim();
        for (int i = 0; i < of.keyDim(); i++) {
          double outlier = i % 16 == 3 ? 6 : 0;
          rows[at + i] = (float) (outlier + about[i] + 0.5 * random.nextGaussian());
        }
      }
    }
    return EngineTensor.of(rows, tokens, of.kvHeads(), of.keyDim());
  }

  /** Values {@code [tokens][kvHeads][valueDim]} of a layer. */
  EngineTensor values(int layer, int position, int tokens) {
    LayerShape of = shape.layers().get(layer);
    float[] rows = new float[tokens * of.kvHeads() * of.valueDim()];
    int width = of.kvHeads() * of.valueDim();
    for (int t = 0; t < tokens; t++) {
      SplittableRandom random = random(3, layer, position + t);
      for (int i = 0; i < width; i++) {
        float mean = direction(layer, i / of.valueDim(), topic(position + t))[i % of.valueDim()];
        rows[t * width + i] = (float) (mean + random.nextGaussian());
      }
    }
    return EngineTensor.of(rows, tokens, of.kvHeads(), of.valueDim());
  }

  /** The queries {@code [1][queryHeads][keyDim]} of a decode step. */
  EngineTensor queries(int layer, int step) {
    LayerShape of = shape.layers().get(layer);
    float[] rows = new float[of.queryHeads() * of.keyDim()];
    SplittableRandom random = random(4, layer, step);
    for (int head = 0; head < of.queryHeads(); head++) {
      float[] about = direction(layer, of.kvHeadOf(head), asked(step));
      float[] sink = direction(layer, of.kvHeadOf(head), TOPICS);
      for (int i = 0; i < of.keyDim(); i++) {
        rows[head * of.keyDim() + i] =
            (float) (2.2 * about[i] + 1.2 * sink[i] + 0.3 * random.nextGaussian());
      }
    }
    return EngineTensor.of(rows, 1, of.queryHeads(), of.keyDim());
  }
}

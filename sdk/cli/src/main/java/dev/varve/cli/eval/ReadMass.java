package dev.varve.cli.eval;

import dev.varve.attention.index.CentroidIndex;
import dev.varve.attention.index.KeySpan;
import dev.varve.attention.index.PrefixLayer;
import dev.varve.attention.index.StepQueries;
import dev.varve.attention.policy.PrefixPolicy;
import dev.varve.attention.select.Selection;
import dev.varve.attention.select.StepSelector;
import dev.varve.engine.LlamaConfig;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/**
 * How much of the attention of the queries behind a prompt falls on what a policy reads, for exact
 * keys and queries: the choices that a session makes whose blocks hold {@link #BLOCK} tokens. The
 * attention itself is computed once for all policies. For one thread.
 */
final class ReadMass {
  private static final int BLOCK = 128;
  private static final int[] NO_IDS = {};

  private final LlamaConfig config;
  private final RecordedStep before;
  private final RecordedStep after;
  private float[][][] shares = {};

  ReadMass(LlamaConfig config, RecordedStep before, RecordedStep after) {
    this.config = config;
    this.before = before;
    this.after = after;
  }

  /** Adds the attention on what {@code trial} reads. */
  void add(ReadTrial trial, Tally tally) {
    if (shares.length == 0) {
      shares = shares(trial.shape().layers());
    }
    try (Arena arena = Arena.ofConfined()) {
      List<KeySpan> keys = new ArrayList<>();
      for (int layer = 0; layer < config.layers(); layer++) {
        keys.add(keys(layer, arena));
      }
      List<StepSelector> selectors = open(trial, keys);
      for (int layer = 0; layer < config.layers(); layer++) {
        add(trial.shape().layers().get(layer), layer, keys.get(layer), selectors.get(layer), tally);
      }
    }
  }

  private List<StepSelector> open(ReadTrial trial, List<KeySpan> keys) {
    List<CentroidIndex> built = new ArrayList<>();
    LayerShape first = trial.shape().layers().getFirst();
    if (trial.reading().policy() instanceof PrefixPolicy prefix) {
      int observed = Math.min(prefix.observe(), before.tokens());
      int clustered = (before.tokens() - prefix.observe()) / BLOCK * BLOCK;
      if (clustered > 0) {
        List<PrefixLayer> layers = new ArrayList<>();
        int width = config.queryWidth();
        for (int layer = 0; layer < config.layers(); layer++) {
          float[] all = before.queries(layer);
          float[] last = Arrays.copyOfRange(all, all.length - observed * width, all.length);
          layers.add(PrefixLayer.behind(keys.get(layer).slice(0, clustered), last, observed));
        }
        built.addAll(prefix.build(first, layers, Backend.SCALAR));
      }
    }
    List<StepSelector> selectors = new ArrayList<>();
    for (int layer = 0; layer < config.layers(); layer++) {
      LayerShape shape = trial.shape().layers().get(layer);
      selectors.add(
          built.isEmpty()
              ? trial.reading().policy().open(shape, layer, Backend.SCALAR)
              : trial.reading().policy().open(shape, layer, built.get(layer)));
    }
    return selectors;
  }

  private KeySpan keys(int layer, Arena arena) {
    int tokens = before.tokens() + after.tokens();
    int row = config.headDim();
    MemorySegment dense =
        arena.allocate((long) tokens * config.kvWidth() * Float.BYTES, Float.BYTES);
    for (int head = 0; head < config.kvHeads(); head++) {
      for (int token = 0; token < tokens; token++) {
        long at = ((long) head * tokens + token) * row * Float.BYTES;
        MemorySegment.copy(
            keysOf(layer, token), keyAt(token, head), dense, ValueLayout.JAVA_FLOAT, at, row);
      }
    }
    return KeySpan.dense(dense, Dtype.F32, config.kvHeads(), tokens, row);
  }

  private float[] keysOf(int layer, int token) {
    return token < before.tokens() ? before.keys(layer) : after.keys(layer);
  }

  private int keyAt(int token, int head) {
    int row = token < before.tokens() ? token : token - before.tokens();
    return row * config.kvWidth() + head * config.headDim();
  }

  private void add(LayerShape shape, int layer, KeySpan keys, StepSelector selector, Tally tally) {
    StepQueries queries = new StepQueries(shape);
    int indexed = 0;
    double read = 0;
    for (int t = 0; t < after.tokens(); t++) {
      int position = before.tokens() + t;
      int whole = position / BLOCK * BLOCK;
      selector.append(keys.slice(indexed, whole - indexed), NO_IDS);
      indexed = whole;
      int at = t * config.queryWidth();
      Selection chosen = selector.select(queries.set(after.queries(layer), at, position, 1));
      for (int head = 0; head < config.heads(); head++) {
        float[] row = shares[layer][t * config.heads() + head];
        BitSet set = chosen.set(shape.kvHeadOf(head));
        for (int token = set.nextSetBit(0); token >= 0; token = set.nextSetBit(token + 1)) {
          read += row[token];
        }
      }
    }
    tally.mass(read, (double) after.tokens() * config.heads());
  }

  /** For each layer, token and query head the share of every position in its attention. */
  private float[][][] shares(List<LayerShape> layers) {
    float[][][] all = new float[config.layers()][after.tokens() * config.heads()][];
    for (int layer = 0; layer < config.layers(); layer++) {
      for (int t = 0; t < after.tokens(); t++) {
        for (int head = 0; head < config.heads(); head++) {
          int query = t * config.queryWidth() + head * config.headDim();
          all[layer][t * config.heads() + head] =
              shares(layers.get(layer), layer, before.tokens() + t, query, head);
        }
      }
    }
    return all;
  }

  private float[] shares(LayerShape shape, int layer, int position, int query, int head) {
    int kvHead = shape.kvHeadOf(head);
    double[] weights = new double[position + 1];
    double sum = 0;
    // Logits of these models are far from what a double cannot take the exponential of.
    for (int token = 0; token <= position; token++) {
      double dot = 0;
      float[] keys = keysOf(layer, token);
      int key = keyAt(token, kvHead);
      for (int i = 0; i < config.headDim(); i++) {
        dot += (double) after.queries(layer)[query + i] * keys[key + i];
      }
      weights[token] = Math.exp(shape.scale() * dot);
      sum += weights[token];
    }
    float[] shares = new float[position + 1];
    for (int token = 0; token <= position; token++) {
      shares[token] = (float) (weights[token] / sum);
    }
    return shares;
  }
}

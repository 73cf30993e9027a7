package dev.varve.engine;

import dev.varve.sdk.EngineTensor;
import java.util.ArrayList;
import java.util.List;

/** A session over a {@link PlainCache} that keeps a record of its steps and may reuse a prefix. */
class PlainSteps implements StepSource {
  final List<Integer> stepSizes = new ArrayList<>();
  final List<Boolean> lastOfPrompt = new ArrayList<>();
  int turns;

  private final PlainCache cache;
  private final int reused;

  PlainSteps(PlainCache cache, int reused) {
    this.cache = cache;
    this.reused = reused;
  }

  @Override
  public int length() {
    return cache.length();
  }

  @Override
  public int reuse(int[] prompt) {
    return reused;
  }

  @Override
  public Step begin(int[] tokens, boolean last) {
    int before = cache.length();
    stepSizes.add(tokens.length);
    lastOfPrompt.add(last);
    return new Step() {
      private boolean ended;

      @Override
      public void attend(
          int layer, EngineTensor k, EngineTensor v, EngineTensor q, EngineTensor out) {
        cache.attend(layer, k, v, q, out);
      }

      @Override
      public void end() {
        ended = true;
      }

      @Override
      public void close() {
        if (!ended) {
          cache.truncate(before);
        }
      }
    };
  }

  @Override
  public void endTurn() {
    turns++;
  }
}

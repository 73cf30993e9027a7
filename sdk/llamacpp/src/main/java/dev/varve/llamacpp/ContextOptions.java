package dev.varve.llamacpp;

import dev.varve.store.Checks;
import java.util.Objects;

/**
 * How a context is opened.
 *
 * @param tokens most tokens it holds; the engine may round up
 * @param batch most tokens of one pass of the engine; passes end where a position is a multiple of
 *     it, so that the same prompt is computed in the same passes wherever it begins
 * @param keys element type of the cached keys
 * @param values element type of the cached values
 * @param flashAttention use the fused kernel; values in blocks need it
 * @param threads of the engine
 * @param observe lets an observer see queries, keys and values of every layer
 */
public record ContextOptions(
    int tokens,
    int batch,
    CacheType keys,
    CacheType values,
    boolean flashAttention,
    int threads,
    boolean observe) {

  private static final int DEFAULT_BATCH = 128;
  private static final int MOST_TOKENS = 1 << 24;
  private static final int MOST_BATCH = 8192;
  private static final int MOST_THREADS = 512;

  public ContextOptions {
    Objects.requireNonNull(keys, "keys");
    Objects.requireNonNull(values, "values");
    Checks.inRange(tokens, 1, MOST_TOKENS, "tokens of a context");
    Checks.inRange(batch, 1, MOST_BATCH, "tokens of a batch");
    Checks.inRange(threads, 1, MOST_THREADS, "threads");
    if (values.dtype().isEmpty() && !flashAttention) {
      throw new IllegalArgumentException(
          "values of type " + values + " need flash attention: turn it on, or take F16");
    }
    if (flashAttention && (keys == CacheType.F32 || values == CacheType.F32)) {
      throw new IllegalArgumentException(
          "flash attention does not read F32 keys and values: turn it off, or take F16");
    }
  }

  /** F16 keys and values, batches of {@value #DEFAULT_BATCH}, one thread, nothing observed. */
  public static ContextOptions of(int tokens) {
    return new ContextOptions(
        tokens, Math.min(DEFAULT_BATCH, tokens), CacheType.F16, CacheType.F16, false, 1, false);
  }

  /** The same with batches of so many tokens. */
  public ContextOptions batch(int most) {
    return new ContextOptions(tokens, most, keys, values, flashAttention, threads, observe);
  }

  /** The same with other element types. */
  public ContextOptions types(CacheType ofKeys, CacheType ofValues, boolean flash) {
    return new ContextOptions(tokens, batch, ofKeys, ofValues, flash, threads, observe);
  }

  /** The same on so many threads. */
  public ContextOptions threads(int count) {
    return new ContextOptions(tokens, batch, keys, values, flashAttention, count, observe);
  }

  /** The same with an observer. */
  public ContextOptions observed() {
    return new ContextOptions(tokens, batch, keys, values, flashAttention, threads, true);
  }
}

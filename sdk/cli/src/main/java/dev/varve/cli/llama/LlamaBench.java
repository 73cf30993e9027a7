package dev.varve.cli.llama;

import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import dev.varve.llamacpp.Wanted;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Time from a prompt to its logits in llama.cpp: computed, restored from our SSD tier, and restored
 * from a file of the engine's own state; and what storing costs. One thread; medians.
 */
public final class LlamaBench {

  private static final long SSD_BYTES = 4L << 30;

  private final LlamaModel model;
  private final int pairs;
  private final LongSupplier nanos;

  /**
   * Prepares a measurement.
   *
   * @param pairs prompts of each length
   * @param nanos a clock like {@link System#nanoTime}
   */
  public LlamaBench(LlamaModel model, int pairs, LongSupplier nanos) {
    this.model = model;
    this.pairs = pairs;
    this.nanos = nanos;
  }

  /**
   * One length of prompts. Times are seconds.
   *
   * @param tokens of a prompt
   * @param restored tokens that were restored
   * @param cold look-up in an empty store and computing all
   * @param warm look-up, restoring, and computing the rest
   * @param own reading the engine's own state of the same tokens from a file, and computing the
   *     rest
   * @param speedup cold over warm
   * @param storeMicros storing, in microseconds for each token
   * @param tokenBytes keys and values of a token
   * @param storedBytes bytes of a token on the SSD
   */
  public record Row(
      int tokens,
      int restored,
      double cold,
      double warm,
      double own,
      double speedup,
      double storeMicros,
      long tokenBytes,
      double storedBytes) {}

  /**
   * Measures prompts of {@code tokens} tokens.
   *
   * @param text tokens that prompts are cut from
   * @param folder for stores and files
   */
  public Row run(int[] text, int tokens, Path folder) throws IOException {
    List<Double> cold = new ArrayList<>();
    List<Double> warm = new ArrayList<>();
    List<Double> own = new ArrayList<>();
    List<Double> store = new ArrayList<>();
    int restored = 0;
    double stored = 0;
    ContextOptions options = ContextOptions.of(tokens);
    Path place = folder.resolve("store-" + tokens);
    try (LlamaPrefixCache cache = LlamaPrefixCache.open(model, options, place, SSD_BYTES);
        LlamaContext context = model.openContext(options)) {
      // The first pair warms up the code and is not counted.
      for (int pair = 0; pair <= pairs; pair++) {
        int from = (int) ((long) pair * (text.length - tokens) / (pairs + 1));
        int[] prompt = Arrays.copyOfRange(text, from, from + tokens);
        long start = nanos.getAsLong();
        cache.restore(Tenant.NONE, context, prompt);
        context.decode(prompt, Wanted.LAST);
        double coldSeconds = since(start);
        start = nanos.getAsLong();
        int kept = cache.store(Tenant.NONE, context, prompt);
        double storeSeconds = since(start);
        start = nanos.getAsLong();
        restored = cache.restore(Tenant.NONE, context, prompt);
        context.decode(Arrays.copyOfRange(prompt, restored, tokens), Wanted.LAST);
        double warmSeconds = since(start);
        double ownSeconds = own(context, prompt, restored, folder.resolve("state"));
        if (pair > 0) {
          cold.add(coldSeconds);
          store.add(storeSeconds / kept);
          warm.add(warmSeconds);
          own.add(ownSeconds);
        }
      }
      var ssd = cache.stats().tiers().getLast();
      stored = ssd.encoded().writtenBytes() * 1.0 / ssd.tokens();
      return new Row(
          tokens,
          restored,
          median(cold),
          median(warm),
          median(own),
          median(cold) / median(warm),
          median(store) * 1e6,
          context.tokenBytes(),
          stored);
    }
  }

  /** The engine's own way: the state in a file, which the page cache holds. */
  private double own(LlamaContext context, int[] prompt, int restored, Path file)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Files.write(file, context.state(0, restored, arena).bytes().toArray(ValueLayout.JAVA_BYTE));
    }
    long start = nanos.getAsLong();
    context.clear();
    context.append(MemorySegment.ofArray(Files.readAllBytes(file)));
    context.decode(Arrays.copyOfRange(prompt, restored, prompt.length), Wanted.LAST);
    return since(start);
  }

  private double since(long start) {
    return (nanos.getAsLong() - start) / 1e9;
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElseThrow();
  }
}

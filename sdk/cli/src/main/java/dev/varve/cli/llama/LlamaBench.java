package dev.varve.cli.llama;

import dev.varve.llamacpp.ContextOptions;
import dev.varve.llamacpp.LlamaContext;
import dev.varve.llamacpp.LlamaModel;
import dev.varve.llamacpp.LlamaPrefixCache;
import dev.varve.llamacpp.Wanted;
import dev.varve.store.Tenant;
import dev.varve.store.Tier;
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
import java.util.function.ToDoubleFunction;

/**
 * Time from a prompt to its logits in llama.cpp: computed, restored from our SSD tier, restored
 * from our memory, and restored from a file of the engine's own state; and what storing costs. Each
 * prompt is measured in all ways, one after the other. One thread; medians.
 */
public final class LlamaBench {

  private static final long SSD_BYTES = 4L << 30;
  private static final int WARM_UP = 2;

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
   * @param cold look-up in a store that lacks them and computing all
   * @param warm look-up, restoring from the SSD tier of a cache that was just opened, as the next
   *     process does, and computing the rest
   * @param memory the same from the memory of the cache that stored them
   * @param own reading the engine's own state of the same tokens from a file, and computing the
   *     rest
   * @param speedup cold over warm
   * @param computeMicros computing, in microseconds for each token
   * @param storeMicros storing, in microseconds for each token
   * @param tokenBytes keys and values of a token
   * @param storedBytes bytes of a token on the SSD
   */
  public record Row(
      int tokens,
      int restored,
      double cold,
      double warm,
      double memory,
      double own,
      double speedup,
      double computeMicros,
      double storeMicros,
      long tokenBytes,
      double storedBytes) {}

  /** Seconds to the logits of a prompt of which so many tokens were restored. */
  private record Timed(double seconds, int restored) {}

  /** One prompt; times are seconds. */
  private record Once(
      int restored,
      double cold,
      double store,
      double memory,
      double warm,
      double own,
      double storedBytes) {}

  /**
   * Measures prompts of {@code tokens} tokens.
   *
   * @param text tokens that prompts are cut from
   * @param folder for stores and files
   */
  public Row run(int[] text, int tokens, Path folder) throws IOException {
    List<Once> counted = new ArrayList<>();
    ContextOptions options = ContextOptions.of(tokens);
    try (LlamaContext context = model.openContext(options)) {
      // The first prompts warm up the code and are not counted.
      for (int pair = 0; pair < WARM_UP + pairs; pair++) {
        int from = (int) ((long) pair * (text.length - tokens) / (WARM_UP + pairs));
        Once once = once(context, Arrays.copyOfRange(text, from, from + tokens), folder);
        if (pair >= WARM_UP) {
          counted.add(once);
        }
      }
      double cold = median(counted, Once::cold);
      double warm = median(counted, Once::warm);
      return new Row(
          tokens,
          counted.getLast().restored(),
          cold,
          warm,
          median(counted, Once::memory),
          median(counted, Once::own),
          cold / warm,
          cold / tokens * 1e6,
          median(counted, Once::store) * 1e6,
          context.tokenBytes(),
          median(counted, Once::storedBytes));
    }
  }

  private Once once(LlamaContext context, int[] prompt, Path folder) throws IOException {
    Path place = folder.resolve("store-" + prompt.length);
    double cold;
    double store;
    double memory;
    double bytes;
    try (LlamaPrefixCache cache = open(context, place)) {
      cold = prefill(cache, context, prompt).seconds();
      long start = nanos.getAsLong();
      int kept = cache.store(Tenant.NONE, context, prompt);
      store = since(start) / kept;
      bytes = cache.stats().tier(Tier.SSD).encoded().writtenBytes() * 1.0 / kept;
      memory = prefill(cache, context, prompt).seconds();
    }
    try (LlamaPrefixCache cache = open(context, place)) {
      Timed warm = prefill(cache, context, prompt);
      if (cache.stats().tier(Tier.SSD).reads() == 0) {
        throw new IllegalStateException("the prompt was not read from the SSD tier");
      }
      double own = own(context, prompt, warm.restored(), folder.resolve("state"));
      return new Once(warm.restored(), cold, store, memory, warm.seconds(), own, bytes);
    }
  }

  private LlamaPrefixCache open(LlamaContext context, Path place) {
    return LlamaPrefixCache.open(model, context.options(), place, SSD_BYTES);
  }

  private Timed prefill(LlamaPrefixCache cache, LlamaContext context, int[] prompt) {
    long start = nanos.getAsLong();
    int restored = cache.restore(Tenant.NONE, context, prompt);
    context.decode(Arrays.copyOfRange(prompt, restored, prompt.length), Wanted.LAST);
    return new Timed(since(start), restored);
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

  private static double median(List<Once> counted, ToDoubleFunction<Once> value) {
    double[] sorted = counted.stream().mapToDouble(value).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}

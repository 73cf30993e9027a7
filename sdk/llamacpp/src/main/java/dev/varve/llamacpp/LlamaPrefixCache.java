package dev.varve.llamacpp;

import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.CacheStats;
import dev.varve.sdk.HotTierFullException;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.LoadResult;
import dev.varve.sdk.PrefixMatch;
import dev.varve.sdk.PrefixWriter;
import dev.varve.store.ModelShape;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A prompt cache for llama.cpp: keys and values lie in our tiers in blocks of tokens, found by the
 * tokens themselves, shared by all prompts that begin alike, and still there in the next process.
 *
 * <p>What is restored equals what was computed, byte for byte, unless the tiers write
 * approximations and the cache accepts them. A prompt is taken over in whole passes of the engine
 * ({@link ContextOptions#batch}) and at least its last pass is computed, so that logits and text
 * are those of a prompt that was computed from its beginning. Blocks are found by the same weights
 * (SHA-256 of the file), the same build of llama.cpp, cache types, attention kernel and block size
 * only; anything else is a miss. A block that is damaged ends the prefix before it.
 *
 * <p>Thread-safe; a context serves one call at a time.
 */
public final class LlamaPrefixCache implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LlamaPrefixCache.class);

  /** Raised whenever the meaning of stored rows changes. */
  private static final int VERSION = 1;

  private static final long PART_BYTES = 64L << 20;
  private static final long HOT_BYTES = 64L << 20;
  private static final int HOT_CHUNKS = 4;

  private final LlamaModel model;
  private final ContextOptions options;
  private final ModelShape shape;
  private final KvCache cache;
  private final AtomicLong failedStores = new AtomicLong();

  private LlamaPrefixCache(
      LlamaModel model, ContextOptions options, ModelShape shape, KvCache cache) {
    this.model = model;
    this.options = options;
    this.shape = shape;
    this.cache = cache;
  }

  /**
   * Opens a cache in a folder, written without losing a bit.
   *
   * @param options of the contexts it serves
   * @param folder made if missing; one process at a time
   * @param bytes it may take on disk
   */
  public static LlamaPrefixCache open(
      LlamaModel model, ContextOptions options, Path folder, long bytes) {
    return open(
        model,
        options,
        config -> {
          CacheConfig raw = config.build();
          long chunk = raw.geometry().owningLayers() * raw.geometry().largestBlock();
          return CacheConfig.of(raw.shape(), raw.modelIdentity())
              .hot(Math.max(HOT_BYTES, HOT_CHUNKS * chunk))
              .ssd(folder, bytes)
              .encodings("ssd=lossless");
        });
  }

  /**
   * Opens a cache over tiers of the caller's choice.
   *
   * @param tiers adds tiers, encodings and what is accepted to the shape and identity given
   * @throws LlamaException if an encoding that is not exact is to write a type that we cannot read
   */
  public static LlamaPrefixCache open(
      LlamaModel model, ContextOptions options, UnaryOperator<CacheConfig.Builder> tiers) {
    CacheShape of = CacheShape.of(model.dimensions(), options);
    String identity =
        "llama.cpp %s rows %d flash %b keys %s values %s gguf %s"
            .formatted(
                model.library().build(),
                VERSION,
                options.flashAttention(),
                options.keys(),
                options.values(),
                model.digest());
    CacheConfig config = tiers.apply(CacheConfig.of(of.shape(), identity)).build();
    if (!of.numbers() && config.approximation().isPresent()) {
      throw new LlamaException(
          "the encodings '%s' approximate, and keys of %s with values of %s are kept as they are: take raw or lossless, or F16"
              .formatted(config.approximation().get(), options.keys(), options.values()));
    }
    return new LlamaPrefixCache(model, options, of.shape(), KvCache.open(config));
  }

  /** As {@link #prefill(Tenant, LlamaContext, int[])} without tenant. */
  public Prefill prefill(LlamaContext context, int[] prompt) {
    return prefill(Tenant.NONE, context, prompt);
  }

  /**
   * Makes {@code prompt} the whole content of a context: restores what is stored of it, decodes the
   * rest, and stores what is new.
   *
   * @param tenant finds and leaves blocks of this tenant only
   * @throws LlamaException if the prompt does not fit, or the context is of another kind
   */
  public Prefill prefill(Tenant tenant, LlamaContext context, int[] prompt) {
    int reused = restore(tenant, context, prompt);
    float[] logits = context.decode(Arrays.copyOfRange(prompt, reused, prompt.length), Wanted.LAST);
    return new Prefill(reused, prompt.length - reused, store(tenant, context, prompt), logits);
  }

  /**
   * Empties a context and restores what is stored of {@code prompt}, short of its last pass.
   *
   * @return tokens restored
   */
  public int restore(Tenant tenant, LlamaContext context, int[] prompt) {
    check(context);
    context.clear();
    if (prompt.length > context.capacity()) {
      throw new LlamaException(
          "the prompt has %d tokens, the context room for %d: open one with more"
              .formatted(prompt.length, context.capacity()));
    }
    try (PrefixMatch match = cache.match(tenant, prompt)) {
      int most = Math.min(match.tokens(), prompt.length - 1);
      int whole = most / options.batch() * options.batch();
      int part = part();
      for (int from = 0; from < whole; from += part) {
        int to = Math.min(whole, from + part);
        if (!restore(match, context, from, to)) {
          break;
        }
      }
    }
    return context.length();
  }

  /** Tokens that are restored together: whole passes, in a bounded buffer. */
  private int part() {
    long tokens = PART_BYTES / StateLayout.of(model.dimensions(), options, 1).tokenBytes();
    return (int) Math.max(1, tokens / options.batch()) * options.batch();
  }

  /** Returns whether all of it could be read. */
  private boolean restore(PrefixMatch match, LlamaContext context, int from, int to) {
    try (Arena arena = Arena.ofConfined()) {
      StateLayout layout = StateLayout.of(model.dimensions(), options, to - from);
      MemorySegment state = arena.allocate(layout.bytes(), Long.BYTES);
      layout.writeFrame(state, IntStream.range(from, to).toArray());
      StateRows rows = new StateRows(layout, shape, state, arena);
      MemorySegment values = layout.swapped() ? rows.rows() : MemorySegment.NULL;
      int usable = to - from;
      for (int layer = 0; layer < shape.layerCount() && usable > 0; layer++) {
        LoadResult loaded = match.load(layer, from, to, rows.target(layer, values));
        usable =
            switch (loaded) {
              case LoadResult.Complete _ -> usable;
              case LoadResult.Incomplete lost -> Math.min(usable, lost.usableTokens());
            };
        rows.put(layer, values);
      }
      if (usable == to - from) {
        context.append(state);
        return true;
      }
      int passes = usable / options.batch() * options.batch();
      if (passes > 0) {
        restore(match, context, from, from + passes);
      }
      return false;
    }
  }

  /**
   * Stores keys and values of the tokens that a context holds, as far as they fill blocks and were
   * computed from all tokens before them. A failure of the store is logged and counted.
   *
   * @param tokens that the context holds, from the first on; it may hold more
   * @return tokens from the front that are stored now
   */
  public int store(Tenant tenant, LlamaContext context, int[] tokens) {
    check(context);
    int[] ids = Arrays.copyOf(tokens, Math.min(tokens.length, context.exactTokens()));
    try (PrefixWriter writer = cache.write(tenant, ids)) {
      int held = writer.tokens();
      try {
        boolean inOrder = true;
        while (inOrder && writer.tokens() < writer.end()) {
          inOrder = write(writer, context);
        }
        return held < writer.tokens() ? writer.finish() : held;
      } catch (StoreException | HotTierFullException e) {
        failedStores.incrementAndGet();
        LOG.error(
            "of {} tokens of a prompt {} are stored: {}",
            ids.length,
            writer.tokens(),
            e.toString());
        return writer.tokens();
      }
    }
  }

  /** Writes the next block; false if the cells of the context are not in order. */
  private boolean write(PrefixWriter writer, LlamaContext context) {
    int at = writer.tokens();
    try (Arena arena = Arena.ofConfined()) {
      SequenceState state = context.state(at, at + cache.geometry().blockTokens(), arena);
      if (!state.consecutiveFrom(at)) {
        return false;
      }
      StateRows rows = new StateRows(state.layout(), shape, state.bytes(), arena);
      List<LayerTensors> layers = new ArrayList<>();
      for (int layer = 0; layer < shape.layerCount(); layer++) {
        layers.add(rows.read(layer));
      }
      writer.write(layers);
      return true;
    }
  }

  private void check(LlamaContext context) {
    ContextOptions own = context.options();
    if (context.model() != model
        || own.keys() != options.keys()
        || own.values() != options.values()
        || own.flashAttention() != options.flashAttention()
        || own.batch() != options.batch()) {
      throw new LlamaException(
          "this cache serves contexts of its model with keys %s, values %s, flash attention %b and batches of %d: open one so"
              .formatted(
                  options.keys(), options.values(), options.flashAttention(), options.batch()));
    }
  }

  /** What the tiers hold and have done. */
  public CacheStats stats() {
    return cache.stats();
  }

  /** Stores that failed. */
  public long failedStores() {
    return failedStores.get();
  }

  /** The cache below, for tenants, retention and upkeep. */
  public KvCache cache() {
    return cache;
  }

  @Override
  public void close() {
    cache.close();
  }
}

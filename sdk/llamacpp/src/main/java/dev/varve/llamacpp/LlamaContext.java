package dev.varve.llamacpp;

import dev.varve.llamacpp.internal.ContextFunctions;
import dev.varve.llamacpp.internal.GraphCallback;
import dev.varve.llamacpp.internal.NativeLlama;
import dev.varve.llamacpp.observe.LayerObserver;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;

/**
 * One sequence of tokens in a context of llama.cpp: decodes, gives and takes keys and values, and
 * forgets positions. What the native library must not be given is refused before it. One call at a
 * time; others wait. After {@link #close} every call throws {@link IllegalStateException}.
 */
public final class LlamaContext implements AutoCloseable {

  /** Our sequence, and one that states are read into. */
  private static final int MAIN = 0;

  private static final int SCRATCH = 1;
  private static final int SEQUENCES = 2;
  private static final int ALL = -1;

  private final LlamaModel model;
  private final NativeLlama llama;
  private final MemorySegment context;
  private final ContextOptions options;
  private final Arena arena;
  private final Optional<GraphCallback> callback;
  private final StateLayout layout;
  private final int cells;
  private final BitSet held = new BitSet();
  private int length;
  private int exact;
  private boolean open = true;

  private LlamaContext(
      LlamaModel model,
      NativeLlama llama,
      MemorySegment context,
      ContextOptions options,
      Arena arena,
      Optional<GraphCallback> callback) {
    this.model = model;
    this.llama = llama;
    this.context = context;
    this.options = options;
    this.arena = arena;
    this.callback = callback;
    this.layout = StateLayout.of(model.dimensions(), options, 1);
    this.cells = llama.contexts().cells(context);
  }

  static LlamaContext open(
      LlamaModel model, NativeLlama llama, MemorySegment native_, ContextOptions options) {
    checkRows(model, options);
    Arena arena = Arena.ofShared();
    Optional<GraphCallback> callback =
        options.observe() ? Optional.of(new GraphCallback(model.dimensions())) : Optional.empty();
    MemorySegment stub = callback.map(c -> c.stub(arena)).orElse(MemorySegment.NULL);
    return llama.alone(() -> {
      llama.log().takeErrors();
      MemorySegment opened = llama.contexts().open(native_, options, SEQUENCES, stub);
      if (opened.address() == 0) {
        arena.close();
        throw new LlamaException(
            "llama.cpp opens no context of %d tokens: %s"
                .formatted(options.tokens(), llama.log().takeErrors()));
      }
      return new LlamaContext(model, llama, opened, options, arena, callback);
    });
  }

  /** Types in blocks must divide the heads, or the engine ends the process. */
  private static void checkRows(LlamaModel model, ContextOptions options) {
    int keyBlock = options.keys().type().blockNumbers();
    int valueBlock = options.values().type().blockNumbers();
    int keyDim = model.dimensions().keyDim();
    int valueDim = model.dimensions().valueDim();
    if (keyDim % keyBlock != 0 || valueDim % valueBlock != 0) {
      throw new LlamaException(
          "heads of %d and %d elements are no multiples of the blocks of %s and %s: take F16"
              .formatted(keyDim, valueDim, options.keys(), options.values()));
    }
  }

  /** The model. */
  public LlamaModel model() {
    return model;
  }

  /** How it was opened. */
  public ContextOptions options() {
    return options;
  }

  /** Position of the next token. */
  public synchronized int length() {
    return length;
  }

  /** Tokens in the cache: fewer than {@link #length} after some were removed. */
  public synchronized int tokens() {
    return held.cardinality();
  }

  /** Tokens that fit into the cache. */
  public int capacity() {
    return cells;
  }

  /**
   * Tokens from position 0 on that are all there and were computed from all before them: what may
   * be stored for others to find.
   */
  public synchronized int exactTokens() {
    return exact;
  }

  /** Positions in the cache, ascending. */
  public synchronized int[] positions() {
    return held.stream().toArray();
  }

  /** Hears every layer of what is decoded from now on; nothing is heard after {@code null}. */
  public synchronized void observe(Optional<LayerObserver> observer) {
    callback
        .orElseThrow(
            () -> new IllegalStateException("the context is not observed: open it with observed()"))
        .observer(observer);
  }

  /**
   * Adds tokens behind the others. Passes end at multiples of {@link ContextOptions#batch}, so that
   * equal tokens behind an equal past give equal bits.
   *
   * @return rows of the vocabulary's size, one for each token of which logits are wanted
   * @throws LlamaException if an id is none of the model's or there is no room: nothing is added
   */
  public synchronized float[] decode(int[] tokens, Wanted wanted) {
    checkOpen();
    for (int token : tokens) {
      model.checkToken(token);
    }
    if (tokens.length == 0) {
      throw new LlamaException("there are no tokens to decode: give at least one");
    }
    checkRoom(tokens.length);
    int vocabulary = model.vocabulary();
    int first =
        switch (wanted) {
          case NONE -> tokens.length;
          case LAST -> tokens.length - 1;
          case ALL -> 0;
        };
    float[] logits = new float[Math.multiplyExact(tokens.length - first, vocabulary)];
    int start = length;
    boolean done = false;
    try {
      for (int from = 0; from < tokens.length; ) {
        int to = Math.min(tokens.length, from + options.batch() - length % options.batch());
        pass(Arrays.copyOfRange(tokens, from, to), Math.clamp(first - from, 0, to - from));
        for (int i = Math.max(first, from); i < to; i++) {
          llama.contexts().logits(context, i - from, logits, (i - first) * vocabulary, vocabulary);
        }
        from = to;
      }
      done = true;
      return logits;
    } finally {
      if (!done) {
        remove(start, length);
        length = start;
      }
    }
  }

  private void pass(int[] tokens, int logitsFrom) {
    callback.ifPresent(c -> c.begin(length));
    int code = decodeAlone(tokens, logitsFrom);
    if (code == ContextFunctions.NO_ROOM) {
      compact();
      code = decodeAlone(tokens, logitsFrom);
    }
    if (code != ContextFunctions.DONE) {
      throw new LlamaException(
          "llama.cpp cannot decode %d tokens at position %d (code %d): %s"
              .formatted(tokens.length, length, code, llama.log().takeErrors()));
    }
    exact += exact == length ? tokens.length : 0;
    held.set(length, length + tokens.length);
    length += tokens.length;
    callback.ifPresent(GraphCallback::end);
  }

  private int decodeAlone(int[] tokens, int logitsFrom) {
    return llama.alone(() -> {
      llama.log().takeErrors();
      return llama.contexts().decode(context, tokens, length, logitsFrom);
    });
  }

  private void checkRoom(int tokens) {
    int free = cells - held.cardinality();
    if (tokens > free || (long) length + tokens > Integer.MAX_VALUE) {
      throw new LlamaException(
          "the context has room for %d of %d tokens: open one with more than %d, or remove some"
              .formatted(free, tokens, cells));
    }
  }

  /**
   * Forgets positions {@code [from, to)}. What lies behind them keeps its place; what is decoded
   * afterwards is computed from a part of the past, unless nothing lay behind them.
   */
  public synchronized void remove(int from, int to) {
    checkOpen();
    if (from < 0 || to < from) {
      throw new LlamaException("positions %d to %d are no range".formatted(from, to));
    }
    int end = Math.min(to, length);
    if (from >= end) {
      return;
    }
    llama.sequences().remove(context, MAIN, from, end);
    held.clear(from, end);
    exact = Math.min(exact, from);
    if (end == length) {
      length = held.length();
    }
  }

  /** Keeps these positions of those below {@code end} and forgets the others. */
  public synchronized void keepOnly(int[] positions, int end) {
    BitSet kept = new BitSet();
    for (int position : positions) {
      kept.set(position);
    }
    int last = length;
    for (int from = kept.nextClearBit(0); from < Math.min(end, last); ) {
      int to = kept.nextSetBit(from);
      to = to < 0 ? end : Math.min(to, end);
      remove(from, to);
      from = kept.nextClearBit(to);
    }
    length = last;
  }

  /** Empties the cache. */
  public synchronized void clear() {
    checkOpen();
    llama.sequences().clear(context);
    held.clear();
    length = 0;
    exact = 0;
  }

  /** Moves the tokens together, so that free cells make one run. */
  public synchronized void compact() {
    checkOpen();
    llama.alone(() -> {
      llama.sequences().compact(context);
      return cells;
    });
  }

  /** Bytes of keys and values of one token. */
  public long tokenBytes() {
    return layout.tokenBytes();
  }

  /**
   * Keys and values at positions {@code [from, to)}.
   *
   * @param target where the bytes lie
   */
  public synchronized SequenceState state(int from, int to, Arena target) {
    checkOpen();
    int count = held.get(Math.max(0, from), Math.max(0, Math.max(from, to))).cardinality();
    if (count == 0) {
      throw new LlamaException("positions %d to %d hold no tokens".formatted(from, to));
    }
    MemorySegment bytes = target.allocate(layout.cells(count).bytes(), Long.BYTES);
    llama.sequences().copy(context, MAIN, SCRATCH, from, to);
    try {
      long size = llama.contexts().stateSize(context, SCRATCH);
      long written =
          size == bytes.byteSize() ? llama.contexts().stateGet(context, bytes, SCRATCH) : 0;
      if (written != bytes.byteSize()) {
        throw new LlamaException(
            "llama.cpp wrote %d bytes as the state of %d tokens, expected are %d"
                .formatted(size, count, bytes.byteSize()));
      }
    } finally {
      llama.sequences().remove(context, SCRATCH, ALL, ALL);
    }
    return new SequenceState(layout.cells(count), layout.read(bytes), bytes);
  }

  /**
   * Adds keys and values behind the tokens that are there.
   *
   * @param bytes as {@link #state} gives them, for positions from {@link #length} on or higher
   * @throws LlamaException if they are damaged, of another kind of model, or do not fit: nothing is
   *     added. Whether they are of the same weights cannot be seen here
   */
  public synchronized void append(MemorySegment bytes) {
    checkOpen();
    int[] sorted = free(layout.read(bytes));
    checkRoom(sorted.length);
    if (!read(bytes)) {
      compact();
      if (!read(bytes)) {
        throw new LlamaException(
            "llama.cpp takes no state of %d tokens: %s"
                .formatted(sorted.length, llama.log().takeErrors()));
      }
    }
    hold(sorted);
  }

  /** The positions in ascending order; refused where one is taken or there twice. */
  private int[] free(int[] positions) {
    int[] sorted = positions.clone();
    Arrays.sort(sorted);
    for (int i = 0; i < sorted.length; i++) {
      if (sorted[i] < length || (i > 0 && sorted[i] == sorted[i - 1])) {
        throw new LlamaException(
            "a state holds position %d, which is taken: the next one is %d"
                .formatted(sorted[i], length));
      }
    }
    return sorted;
  }

  private void hold(int[] sorted) {
    boolean whole = exact == length && sorted[0] == length;
    for (int position : sorted) {
      held.set(position);
    }
    length = held.length();
    whole &= length - sorted[0] == sorted.length;
    exact = whole ? length : exact;
  }

  /** A failed read may leave rows behind, so these go first. */
  private boolean read(MemorySegment bytes) {
    MemorySegment given = bytes;
    try (Arena copy = Arena.ofConfined()) {
      if (!given.isNative()) {
        given = copy.allocate(bytes.byteSize(), Long.BYTES).copyFrom(bytes);
      }
      boolean taken = llama.contexts().stateSet(context, given, SCRATCH) == bytes.byteSize();
      if (taken) {
        llama.sequences().copy(context, SCRATCH, MAIN, ALL, ALL);
      }
      llama.sequences().remove(context, SCRATCH, ALL, ALL);
      return taken;
    }
  }

  /**
   * Writes all tokens to a file as {@code llama_state_seq_save_file} does, which is what the slots
   * of llama-server are. The file appears as a whole; one that exists is replaced.
   *
   * @param tokens an id for each token of the cache, by position
   * @throws LlamaException if ids are missing or the file cannot be written
   */
  public synchronized void save(Path file, int[] tokens) {
    checkOpen();
    for (int token : tokens) {
      model.checkToken(token);
    }
    if (tokens.length == 0 || tokens.length != held.cardinality()) {
      throw new LlamaException(
          "a file of %d token ids cannot be written of %d tokens: give the id of each"
              .formatted(tokens.length, held.cardinality()));
    }
    Path partial = file.toAbsolutePath().resolveSibling(file.getFileName() + ".partial");
    try {
      llama.log().takeErrors();
      long written = llama.slots().save(context, partial.toString(), MAIN, tokens);
      if (written <= 0 || written != Files.size(partial)) {
        throw new LlamaException(
            "%s: llama.cpp wrote %d bytes: %s".formatted(file, written, llama.log().takeErrors()));
      }
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new LlamaException("%s: cannot be written: %s".formatted(file, e), e);
    } finally {
      partial.toFile().delete();
    }
  }

  /**
   * Replaces all tokens by those of a file that {@link #save}, llama-server or {@code varve
   * convert} wrote, read by {@code llama_state_seq_load_file}. The file must not change meanwhile.
   *
   * @return the token ids that the file holds
   * @throws LlamaException if it is damaged, of another kind of model, or does not fit: nothing has
   *     changed. Whether it is of the same weights cannot be seen here
   */
  public synchronized int[] load(Path file) {
    checkOpen();
    SlotFile slot = SlotFile.read(file, layout, model);
    int[] sorted = slot.positions();
    Arrays.sort(sorted);
    for (int i = 1; i < sorted.length; i++) {
      if (sorted[i] == sorted[i - 1]) {
        throw new LlamaException("%s: holds position %d twice".formatted(file, sorted[i]));
      }
    }
    if (sorted.length > cells) {
      throw new LlamaException(
          "%s: holds %d tokens, the context has room for %d: open one with more"
              .formatted(file, sorted.length, cells));
    }
    clear();
    llama.log().takeErrors();
    String path = file.toAbsolutePath().toString();
    if (llama.slots().load(context, path, MAIN, slot.tokens().length) == 0) {
      llama.sequences().remove(context, MAIN, ALL, ALL);
      throw new LlamaException(
          "%s: llama.cpp takes no such state: %s".formatted(file, llama.log().takeErrors()));
    }
    hold(sorted);
    exact = 0;
    return slot.tokens();
  }

  /**
   * Makes room as llama-server does when a context is full: forgets {@code count} tokens behind the
   * first {@code keep} and moves those behind them to their places, turning their keys to the new
   * positions. What is left was computed from more than what is left.
   *
   * @throws LlamaException if there are no such tokens, some are missing already, or keys are
   *     {@code BF16}, which this build cannot turn: nothing has changed
   */
  public synchronized void shift(int keep, int count) {
    checkOpen();
    if (keep < 0 || count < 1 || count > length - keep || held.cardinality() != length) {
      throw new LlamaException(
          "%d tokens behind the first %d cannot be forgotten of %d up to position %d"
              .formatted(count, keep, held.cardinality(), length));
    }
    if (options.keys() == CacheType.BF16) {
      throw new LlamaException("this build of llama.cpp cannot move keys of BF16: take F16");
    }
    int last = length;
    remove(keep, keep + count);
    if (keep + count < last) {
      llama.alone(() -> {
        llama.sequences().shift(context, MAIN, keep + count, last, -count);
        return cells;
      });
    }
    length = last - count;
    held.clear();
    held.set(0, length);
  }

  private void checkOpen() {
    if (!open) {
      throw new IllegalStateException("the context is closed: open another one");
    }
  }

  @Override
  public synchronized void close() {
    if (!open) {
      return;
    }
    open = false;
    llama.alone(() -> {
      llama.contexts().free(context);
      return cells;
    });
    arena.close();
    model.closed();
  }
}

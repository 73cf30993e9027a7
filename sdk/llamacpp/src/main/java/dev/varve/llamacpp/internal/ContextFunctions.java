package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.varve.llamacpp.ContextOptions;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** Functions on contexts. Pointers are not checked: callers hold live ones, and the lock. */
public final class ContextFunctions {

  /** What {@link #decode} returns. */
  public static final int DONE = 0;

  /** The cache has no run of free cells for the batch; nothing changed. */
  public static final int NO_ROOM = -3;

  private final MethodHandle defaults;
  private final MethodHandle open;
  private final MethodHandle free;
  private final MethodHandle cells;
  private final MethodHandle decode;
  private final MethodHandle logits;
  private final MethodHandle stateSize;
  private final MethodHandle stateGet;
  private final MethodHandle stateSet;

  ContextFunctions(Functions library) {
    this.defaults = library.function("llama_context_default_params", Build.CONTEXT_PARAMS);
    this.open = library.function("llama_init_from_model", ADDRESS, ADDRESS, Build.CONTEXT_PARAMS);
    this.free = library.procedure("llama_free", ADDRESS);
    this.cells = library.function("llama_n_ctx", JAVA_INT, ADDRESS);
    this.decode = library.function("llama_decode", JAVA_INT, ADDRESS, Build.BATCH);
    this.logits = library.function("llama_get_logits_ith", ADDRESS, ADDRESS, JAVA_INT);
    this.stateSize = library.function("llama_state_seq_get_size", JAVA_LONG, ADDRESS, JAVA_INT);
    this.stateGet =
        library.function(
            "llama_state_seq_get_data", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
    this.stateSet =
        library.function(
            "llama_state_seq_set_data", JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
  }

  MemorySegment defaults(SegmentAllocator allocator) {
    try {
      return (MemorySegment) defaults.invokeExact(allocator);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /**
   * Opens a context; a null pointer on failure, and the reason is in the log.
   *
   * @param sequences how many sequences it holds
   * @param callback called for every node of the graph, or a null pointer
   */
  public MemorySegment open(
      MemorySegment model, ContextOptions options, int sequences, MemorySegment callback) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment at = defaults(arena);
      at.set(JAVA_INT, Build.CONTEXT_TOKENS, options.tokens());
      at.set(JAVA_INT, Build.CONTEXT_BATCH, options.batch());
      at.set(JAVA_INT, Build.CONTEXT_MICRO_BATCH, options.batch());
      at.set(JAVA_INT, Build.CONTEXT_SEQUENCES, sequences);
      at.set(JAVA_INT, Build.CONTEXT_THREADS, options.threads());
      at.set(JAVA_INT, Build.CONTEXT_THREADS_BATCH, options.threads());
      at.set(ADDRESS, Build.CONTEXT_CALLBACK, callback);
      at.set(JAVA_INT, Build.CONTEXT_KEY_TYPE, options.keys().type().id());
      at.set(JAVA_INT, Build.CONTEXT_VALUE_TYPE, options.values().type().id());
      at.set(JAVA_BYTE, Build.CONTEXT_FLASH_ATTENTION, (byte) (options.flashAttention() ? 1 : 0));
      return (MemorySegment) open.invokeExact(model, at);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Frees a context. */
  public void free(MemorySegment context) {
    try {
      free.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Cells of the cache: the tokens asked for, rounded up. */
  public int cells(MemorySegment context) {
    try {
      return (int) cells.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /**
   * Decodes tokens of sequence 0 at consecutive positions.
   *
   * @param tokens checked ids, no more than the context's batch
   * @param first position of the first
   * @param from the first of which logits are wanted; the number of tokens for none
   */
  public int decode(MemorySegment context, int[] tokens, int first, int from) {
    try (Arena arena = Arena.ofConfined()) {
      int count = tokens.length;
      MemorySegment ids = arena.allocateFrom(JAVA_INT, tokens);
      MemorySegment positions = arena.allocate(JAVA_INT, count);
      MemorySegment ones = arena.allocate(JAVA_INT, count);
      MemorySegment sequence = arena.allocate(JAVA_INT);
      MemorySegment sequences = arena.allocate(ADDRESS, count);
      MemorySegment wanted = arena.allocate(JAVA_BYTE, count);
      for (int i = 0; i < count; i++) {
        positions.setAtIndex(JAVA_INT, i, first + i);
        ones.setAtIndex(JAVA_INT, i, 1);
        sequences.setAtIndex(ADDRESS, i, sequence);
        wanted.set(JAVA_BYTE, i, (byte) (i >= from ? 1 : 0));
      }
      MemorySegment batch = arena.allocate(Build.BATCH);
      batch.set(JAVA_INT, Build.BATCH_COUNT, count);
      batch.set(ADDRESS, Build.BATCH_TOKENS, ids);
      batch.set(ADDRESS, Build.BATCH_POSITIONS, positions);
      batch.set(ADDRESS, Build.BATCH_SEQUENCE_COUNTS, ones);
      batch.set(ADDRESS, Build.BATCH_SEQUENCES, sequences);
      batch.set(ADDRESS, Build.BATCH_LOGITS, wanted);
      return (int) decode.invokeExact(context, batch);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Copies the logits of a token of the last batch that were wanted. */
  @SuppressWarnings("restricted") // the engine's memory is read where it lies
  public void logits(MemorySegment context, int index, float[] target, int at, int vocabulary) {
    try {
      MemorySegment row = (MemorySegment) logits.invokeExact(context, index);
      if (row.address() == 0) {
        throw new IllegalStateException("there are no logits of token " + index);
      }
      MemorySegment.copy(
          row.reinterpret((long) vocabulary * Float.BYTES),
          ValueLayout.JAVA_FLOAT,
          0,
          target,
          at,
          vocabulary);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Bytes that the state of a sequence takes. */
  public long stateSize(MemorySegment context, int sequence) {
    try {
      return (long) stateSize.invokeExact(context, sequence);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Writes the state of a sequence; returns the bytes written, 0 on failure. */
  public long stateGet(MemorySegment context, MemorySegment target, int sequence) {
    try {
      return (long) stateGet.invokeExact(context, target, target.byteSize(), sequence);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Reads a checked state into a sequence; returns the bytes read, 0 on failure. */
  public long stateSet(MemorySegment context, MemorySegment source, int sequence) {
    try {
      return (long) stateSet.invokeExact(context, source, source.byteSize(), sequence);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }
}

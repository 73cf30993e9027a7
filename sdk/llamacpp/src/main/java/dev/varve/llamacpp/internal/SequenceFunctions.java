package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BOOLEAN;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Functions on the cells of a context's cache. Callers hold a live context and its lock. */
public final class SequenceFunctions {

  private final MethodHandle remove;
  private final MethodHandle copy;
  private final MethodHandle add;
  private final MethodHandle clear;
  private final MethodHandle defragment;
  private final MethodHandle update;
  private final MethodHandle used;

  SequenceFunctions(Functions library) {
    this.remove =
        library.function(
            "llama_kv_self_seq_rm", JAVA_BOOLEAN, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
    this.copy =
        library.procedure("llama_kv_self_seq_cp", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    this.add =
        library.procedure("llama_kv_self_seq_add", ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
    this.clear = library.procedure("llama_kv_self_clear", ADDRESS);
    this.defragment = library.procedure("llama_kv_self_defrag", ADDRESS);
    this.update = library.procedure("llama_kv_self_update", ADDRESS);
    this.used = library.function("llama_kv_self_used_cells", JAVA_INT, ADDRESS);
  }

  /** Removes positions {@code [from, to)} of a sequence; -1 and -1 for all. */
  public void remove(MemorySegment context, int sequence, int from, int to) {
    try {
      if (!(boolean) remove.invokeExact(context, sequence, from, to)) {
        throw new IllegalStateException("positions %d to %d were not removed".formatted(from, to));
      }
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Lets {@code target} share positions {@code [from, to)} of {@code source}. */
  public void copy(MemorySegment context, int source, int target, int from, int to) {
    try {
      copy.invokeExact(context, source, target, from, to);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Moves positions {@code [from, to)} of a sequence by {@code delta} and turns their keys so. */
  public void shift(MemorySegment context, int sequence, int from, int to, int delta) {
    try {
      add.invokeExact(context, sequence, from, to, delta);
      update.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Empties the cache. */
  public void clear(MemorySegment context) {
    try {
      clear.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Moves all cells to the front. */
  public void compact(MemorySegment context) {
    try {
      defragment.invokeExact(context);
      update.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /** Cells that hold a token. */
  public int used(MemorySegment context) {
    try {
      return (int) used.invokeExact(context);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }
}

package dev.varve.llamacpp.internal;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Functions on files of one sequence. Callers hold a live context and its lock. */
public final class SlotFunctions {

  private final MethodHandle save;
  private final MethodHandle load;

  SlotFunctions(Functions library) {
    this.save =
        library.function(
            "llama_state_seq_save_file", JAVA_LONG, ADDRESS, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG);
    this.load =
        library.function(
            "llama_state_seq_load_file",
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            ADDRESS,
            JAVA_LONG,
            ADDRESS);
  }

  /** Writes a sequence and its token ids to a file; returns its bytes, 0 on failure. */
  public long save(MemorySegment context, String path, int sequence, int[] tokens) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      MemorySegment ids = arena.allocateFrom(JAVA_INT, tokens);
      return (long) save.invokeExact(context, name, sequence, ids, (long) tokens.length);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }

  /**
   * Reads a checked file into an empty sequence; returns its bytes, 0 on failure.
   *
   * @param tokens how many ids the file holds at most
   */
  public long load(MemorySegment context, String path, int sequence, int tokens) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(path);
      MemorySegment ids = arena.allocate(JAVA_INT, Math.max(1, tokens));
      MemorySegment count = arena.allocate(JAVA_LONG);
      return (long) load.invokeExact(context, name, sequence, ids, (long) tokens, count);
    } catch (Throwable e) {
      throw Functions.broken(e);
    }
  }
}

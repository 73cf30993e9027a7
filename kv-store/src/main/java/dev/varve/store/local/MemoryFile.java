package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Memory with a descriptor, which this process writes and others may map to read. It is sealed: no
 * descriptor of it, however it is opened again, lets anybody write, map it to write, or change its
 * length; only the mapping that was made before the seals does. Its pages come with their first
 * use. Thread-safe.
 *
 * <p>Source: memfd_create(2) and fcntl(2) of Linux; {@code F_SEAL_FUTURE_WRITE} came with 5.1.
 */
public final class MemoryFile implements AutoCloseable {

  private static final int CLOSED_ON_EXEC_AND_SEALED = 0x1 | 0x2;
  private static final int ADD_SEALS = 1033;
  private static final int SEAL_SEALS_SHRINK_GROW_AND_FUTURE_WRITE = 0x1 | 0x2 | 0x4 | 0x10;
  private static final int READ_ONLY_CLOSED_ON_EXEC = 0x80000;

  private final Descriptor descriptor;
  private final Arena arena;
  private final MemorySegment memory;

  private MemoryFile(Descriptor descriptor, Arena arena, MemorySegment memory) {
    this.descriptor = descriptor;
    this.arena = arena;
    this.memory = memory;
  }

  /**
   * Makes one.
   *
   * @param name for people who look into {@code /proc}
   * @throws IOException in one sentence, if the system cannot
   */
  public static MemoryFile create(String name, long bytes) throws IOException {
    LocalMachine.check();
    Arena arena = Arena.ofShared();
    boolean whole = false;
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment state = confined.allocate(Linux.STATE);
      int made =
          (int)
              Linux.MEMFD_CREATE.invokeExact(
                  state, confined.allocateFrom(name), CLOSED_ON_EXEC_AND_SEALED);
      check(made, "cannot make a memory file", state);
      try (Descriptor writable = new Descriptor(made)) {
        int number = writable.number();
        check((int) Linux.FTRUNCATE.invokeExact(state, number, bytes), sizing(bytes), state);
        MemorySegment memory = Mappings.map(number, bytes, true, arena);
        check(
            (int)
                Linux.FCNTL.invokeExact(
                    state, number, ADD_SEALS, SEAL_SEALS_SHRINK_GROW_AND_FUTURE_WRITE),
            "cannot seal a memory file, which needs Linux 5.1",
            state);
        MemorySegment path = confined.allocateFrom("/proc/self/fd/" + number);
        int readable = (int) Linux.OPEN.invokeExact(state, path, READ_ONLY_CLOSED_ON_EXEC, 0);
        check(readable, "cannot open a memory file again, which needs /proc", state);
        whole = true;
        return new MemoryFile(new Descriptor(readable), arena, memory);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    } finally {
      if (!whole) {
        arena.close();
      }
    }
  }

  private static String sizing(long bytes) {
    return "cannot make a memory file of " + bytes + " bytes";
  }

  private static void check(int result, String what, MemorySegment state) throws IOException {
    if (result < 0) {
      throw Linux.failure(what, state);
    }
  }

  /** All of it, to be written here; not to be used once this is closed. */
  public MemorySegment memory() {
    return memory;
  }

  /** A descriptor that reads, open as long as this is. */
  public int descriptor() {
    return descriptor.number();
  }

  /** Gives it up here; who mapped it keeps its memory. Idempotent. */
  @Override
  public void close() {
    descriptor.close();
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}

package dev.varve.llamacpp.internal;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes what the library says, instead of standard error: to the log at debug level, and the last
 * errors for the sentence of the call that fails. The library says nothing about tokens.
 */
public final class NativeLog {

  private static final Logger LOG = LoggerFactory.getLogger(NativeLog.class);
  private static final int ERROR = 4;
  private static final int KEPT = 4;
  private static final long MOST_BYTES = 4096;

  private final Deque<String> errors = new ArrayDeque<>();

  /** A function for the library, valid as long as {@code arena}. */
  @SuppressWarnings("restricted") // the point of this class
  MemorySegment stub(Arena arena) {
    try {
      return Linker.nativeLinker()
          .upcallStub(
              MethodHandles.lookup()
                  .bind(
                      this,
                      "say",
                      MethodType.methodType(
                          void.class, int.class, MemorySegment.class, MemorySegment.class)),
              FunctionDescriptor.ofVoid(
                  ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
              arena);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Called by the library; nothing may be thrown into it. */
  @SuppressWarnings({"restricted", "CatchAndPrintStackTrace", "unused"})
  void say(int level, MemorySegment text, MemorySegment none) {
    try {
      String line = text.reinterpret(MOST_BYTES).getString(0).strip();
      if (!line.isEmpty()) {
        LOG.debug("{}", line);
        if (level == ERROR) {
          add(line);
        }
      }
    } catch (Throwable e) {
      add("a message that cannot be read");
    }
  }

  private synchronized void add(String line) {
    if (errors.size() == KEPT) {
      errors.removeFirst();
    }
    errors.add(line);
  }

  /** What went wrong since the last call, as one text. */
  public synchronized String takeErrors() {
    String all = errors.isEmpty() ? "it does not say why" : String.join("; ", errors);
    errors.clear();
    return all;
  }
}

package dev.varve.cli;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Locale;
import java.util.Optional;

/**
 * What this process may draw.
 *
 * @param lines tables may have lines of box-drawing characters: a terminal that reads UTF-8
 * @param progress standard error is a terminal: a progress bar may overwrite its line
 */
public record Screen(boolean lines, boolean progress) {

  /** Plain text only. */
  public static final Screen NONE = new Screen(false, false);

  private static final int STANDARD_OUT = 1;
  private static final int STANDARD_ERROR = 2;

  /** Asks the system. */
  public static Screen ofThisProcess() {
    String encoding = System.getProperty("native.encoding", "").toUpperCase(Locale.ROOT);
    boolean utf8 = encoding.equals("UTF-8");
    return new Screen(utf8 && isTerminal(STANDARD_OUT), isTerminal(STANDARD_ERROR));
  }

  /** POSIX {@code isatty}; where the system has none, nothing counts as a terminal. */
  @SuppressWarnings("restricted") // the launcher enables native access
  private static boolean isTerminal(int descriptor) {
    Linker linker = Linker.nativeLinker();
    Optional<MemorySegment> isatty = linker.defaultLookup().find("isatty");
    if (isatty.isEmpty()) {
      return false;
    }
    FunctionDescriptor type = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle handle = linker.downcallHandle(isatty.get(), type);
    try {
      return (int) handle.invokeExact(descriptor) == 1;
    } catch (Throwable e) {
      throw new IllegalStateException("isatty cannot be called", e);
    }
  }
}

package dev.varve.store.local;

import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Locale;

/** Whether processes of this machine can share memory as this package does it. */
public final class LocalMachine {

  private LocalMachine() {}

  /**
   * Does nothing where it can.
   *
   * @throws UnsupportedOperationException in one sentence, where it cannot
   */
  public static void check() {
    check(System.getProperty("os.name", ""), ValueLayout.ADDRESS.byteSize());
  }

  static void check(String system, long addressBytes) {
    boolean linux = system.toLowerCase(Locale.ROOT).startsWith("linux");
    boolean little = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
    if (!linux || addressBytes != Long.BYTES || !little) {
      throw new UnsupportedOperationException(
          "memory is handed over on Linux of 64 bits only, this is %s: use the port instead"
              .formatted(linux ? "Linux on another processor" : system));
    }
  }
}

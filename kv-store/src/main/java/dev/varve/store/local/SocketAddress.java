package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The C structure {@code sockaddr_un}: a family of 2 bytes and a path of up to 107 and a zero. */
final class SocketAddress {

  static final int UNIX = 1;
  static final int BYTES = 110;

  private static final int PATH_OFFSET = 2;
  private static final int MOST_PATH_BYTES = 107;

  private SocketAddress() {}

  /**
   * The address of a socket file.
   *
   * @throws IOException if the path is longer than the system allows
   */
  static MemorySegment of(Path path, Arena arena) throws IOException {
    byte[] name = path.toString().getBytes(StandardCharsets.UTF_8);
    if (name.length > MOST_PATH_BYTES || name.length == 0) {
      throw new IOException(
          "the path of a Unix socket has 1 to %d bytes, this one has %d: choose a shorter one: %s"
              .formatted(MOST_PATH_BYTES, name.length, path));
    }
    MemorySegment address = arena.allocate(BYTES);
    address.set(ValueLayout.JAVA_SHORT, 0, (short) UNIX);
    MemorySegment.copy(name, 0, address, ValueLayout.JAVA_BYTE, PATH_OFFSET, name.length);
    return address;
  }
}

package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalInt;

/**
 * The C structure {@code msghdr} with one piece of bytes and room for one descriptor, used again
 * for every message. For one thread at a time.
 *
 * <pre>
 * msghdr  0 name   8 length   16 pieces  24 count  32 control  40 control length  48 flags
 * cmsghdr 0 length 8 level   12 type     16 descriptor
 * </pre>
 */
final class SocketMessage {

  private static final int HEADER_BYTES = 56;
  private static final int PIECES = 16;
  private static final int PIECE_COUNT = 24;
  private static final int CONTROL = 32;
  private static final int CONTROL_LENGTH = 40;
  private static final int CONTROL_BYTES = 24;
  private static final int ONE_DESCRIPTOR = 20;
  private static final int SOCKET_LEVEL = 1;
  private static final int RIGHTS = 1;
  private static final int NO_SIGNAL = 0x4000;
  private static final int CLOSED_ON_EXEC = 0x40000000;
  private static final int PEEK_NOW = 0x2 | 0x40;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;

  private final MemorySegment state;
  private final MemorySegment header;
  private final MemorySegment piece;
  private final MemorySegment control;
  private final MemorySegment peeked;
  private OptionalInt file = OptionalInt.empty();

  SocketMessage(Arena arena) {
    state = arena.allocate(Linux.STATE);
    header = arena.allocate(HEADER_BYTES, Long.BYTES);
    piece = arena.allocate(LONG, 2);
    control = arena.allocate(CONTROL_BYTES, Long.BYTES);
    peeked = arena.allocate(1);
    header.set(LONG, PIECES, piece.address());
    header.set(LONG, PIECE_COUNT, 1);
  }

  private void prepare(MemorySegment bytes, boolean withControl) {
    piece.set(LONG, 0, bytes.address());
    piece.set(LONG, Long.BYTES, bytes.byteSize());
    header.set(LONG, CONTROL, withControl ? control.address() : 0);
    header.set(LONG, CONTROL_LENGTH, withControl ? CONTROL_BYTES : 0);
  }

  /** Sends some of {@code bytes}; returns how many. */
  long send(int socket, MemorySegment bytes, OptionalInt beside) throws IOException {
    prepare(bytes, beside.isPresent());
    if (beside.isPresent()) {
      control.set(LONG, 0, ONE_DESCRIPTOR);
      control.set(INT, 8, SOCKET_LEVEL);
      control.set(INT, 12, RIGHTS);
      control.set(INT, 16, beside.getAsInt());
    }
    try {
      long count;
      do {
        count = (long) Linux.SENDMSG.invokeExact(state, socket, header, NO_SIGNAL);
      } while (count < 0 && Linux.error(state) == Linux.EINTR);
      if (count < 0) {
        throw Linux.error(state) == Linux.EAGAIN
            ? new IOException("the other side of a Unix socket takes no byte")
            : Linux.failure("cannot send over a Unix socket", state);
      }
      return count;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /** Receives into {@code target}; see {@link LocalSocket#receive}. */
  int receive(int socket, MemorySegment target, boolean files) throws IOException {
    prepare(target, files);
    control.set(LONG, 0, 0);
    try {
      long count;
      do {
        count = (long) Linux.RECVMSG.invokeExact(state, socket, header, CLOSED_ON_EXEC);
      } while (count < 0 && Linux.error(state) == Linux.EINTR);
      if (count >= 0) {
        noteFile(files);
        return (int) count;
      }
      if (Linux.error(state) == Linux.EAGAIN) {
        return LocalSocket.TIMED_OUT;
      }
      throw Linux.failure("cannot receive over a Unix socket", state);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  private void noteFile(boolean files) {
    boolean came =
        files
            && header.get(LONG, CONTROL_LENGTH) >= ONE_DESCRIPTOR
            && control.get(LONG, 0) == ONE_DESCRIPTOR
            && control.get(INT, 8) == SOCKET_LEVEL
            && control.get(INT, 12) == RIGHTS;
    if (came) {
      file.ifPresent(unused -> new Descriptor(unused).close());
      file = OptionalInt.of(control.get(INT, 16));
    }
  }

  OptionalInt takeFile() {
    OptionalInt taken = file;
    file = OptionalInt.empty();
    return taken;
  }

  /** Whether nothing came, not even the end. */
  boolean quiet(int socket) {
    prepare(peeked, false);
    try {
      long count = (long) Linux.RECVMSG.invokeExact(state, socket, header, PEEK_NOW);
      return count < 0 && Linux.error(state) == Linux.EAGAIN;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }
}

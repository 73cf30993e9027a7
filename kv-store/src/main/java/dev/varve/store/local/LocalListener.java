package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** A Unix socket that others connect to; the file goes when it is closed. */
public final class LocalListener implements AutoCloseable {

  private static final int WAITING = 64;
  private static final int CLOSED_ON_EXEC = 0x80000;
  private static final int FILE_KIND = 0xf000;
  private static final int SOCKET_KIND = 0xc000;
  private static final int READ = 0;

  private final Path path;
  private final Descriptor socket;
  private volatile boolean ending;

  private LocalListener(Path path, Descriptor socket) {
    this.path = path;
    this.socket = socket;
  }

  /**
   * Listens at a file that nobody but the owner of this process may connect to. A socket that
   * nobody listens at any more is replaced.
   *
   * @throws IOException in one sentence, if it cannot
   */
  public static LocalListener open(Path path) throws IOException {
    LocalMachine.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linux.STATE);
      MemorySegment address = SocketAddress.of(path, arena);
      makeRoom(path, address, state);
      Descriptor socket = new Descriptor(LocalSocket.create(state));
      boolean bound = false;
      try {
        check(
            (int) Linux.BIND.invokeExact(state, socket.number(), address, SocketAddress.BYTES),
            path,
            state);
        bound = true;
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        check((int) Linux.LISTEN.invokeExact(state, socket.number(), WAITING), path, state);
        return new LocalListener(path, socket);
      } catch (Throwable e) {
        socket.close();
        if (bound) {
          Files.deleteIfExists(path);
        }
        throw e;
      }
    } catch (IOException | UnsupportedOperationException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  private static void check(int result, Path path, MemorySegment state) throws IOException {
    if (result < 0) {
      throw Linux.failure("cannot listen at " + path, state);
    }
  }

  /** Removes the socket of a process that is gone. */
  private static void makeRoom(Path path, MemorySegment address, MemorySegment state)
      throws Throwable {
    int mode;
    try {
      mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return;
    }
    if ((mode & FILE_KIND) != SOCKET_KIND) {
      throw new IOException(
          "cannot listen at %s: there is a file that is no socket: remove it or choose another path"
              .formatted(path));
    }
    try (Descriptor probe = new Descriptor(LocalSocket.create(state))) {
      int result =
          (int) Linux.CONNECT.invokeExact(state, probe.number(), address, SocketAddress.BYTES);
      if (result == 0 || Linux.error(state) != Linux.ECONNREFUSED) {
        throw new IOException(
            "cannot listen at %s: somebody listens there already: choose another path"
                .formatted(path));
      }
    }
    Files.deleteIfExists(path);
  }

  /** Where it listens. */
  public Path path() {
    return path;
  }

  /**
   * Waits for somebody; empty once this ended.
   *
   * @throws IOException if the process has no descriptor left, or the like
   */
  public Optional<LocalSocket> accept() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linux.STATE);
      int number;
      do {
        number =
            (int)
                Linux.ACCEPT.invokeExact(
                    state, socket.number(), MemorySegment.NULL, MemorySegment.NULL, CLOSED_ON_EXEC);
      } while (number < 0 && Linux.error(state) == Linux.EINTR && !ending);
      if (number >= 0) {
        return Optional.of(LocalSocket.of(number));
      }
      if (ending) {
        return Optional.empty();
      }
      throw Linux.failure("cannot take a connection at " + path, state);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /** Removes the file and has {@link #accept} return; any thread may say so. */
  public void end() throws IOException {
    if (!ending) {
      ending = true;
      socket.shutdown(READ);
      Files.deleteIfExists(path);
    }
  }

  /** Ends it; no thread may be in {@link #accept} any more. Idempotent. */
  @Override
  public void close() throws IOException {
    end();
    socket.close();
  }
}

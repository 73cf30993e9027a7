package dev.varve.store.local;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * One end of a connection over a Unix socket, which carries bytes and open files. Calls wait. One
 * thread may send while another receives; {@link #shutdown} is for any thread.
 */
public final class LocalSocket implements AutoCloseable {

  /** What {@link #receive} returns where the time that was allowed passed without a byte. */
  public static final int TIMED_OUT = -1;

  private static final int STREAM_CLOSED_ON_EXEC = 1 | 0x80000;
  private static final int SOCKET_LEVEL = 1;
  private static final int PEER = 17;
  private static final int RECEIVE_TIME = 20;
  private static final int SEND_TIME = 21;
  private static final int READ = 0;
  private static final int BOTH = 2;

  private final Descriptor socket;
  private final Arena arena;
  private final SocketMessage sent;
  private final SocketMessage received;

  private LocalSocket(Descriptor socket) {
    this.socket = socket;
    this.arena = Arena.ofAuto();
    this.sent = new SocketMessage(arena);
    this.received = new SocketMessage(arena);
  }

  /** Takes over a connection. */
  static LocalSocket of(int number) {
    return new LocalSocket(new Descriptor(number));
  }

  /** Makes a socket that is not connected yet. */
  static int create(MemorySegment state) throws IOException {
    try {
      int number =
          (int) Linux.SOCKET.invokeExact(state, SocketAddress.UNIX, STREAM_CLOSED_ON_EXEC, 0);
      if (number < 0) {
        throw Linux.failure("cannot make a Unix socket", state);
      }
      return number;
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /**
   * Connects.
   *
   * @throws IOException in one sentence, if nobody listens there
   */
  public static LocalSocket connect(Path path) throws IOException {
    LocalMachine.check();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Linux.STATE);
      MemorySegment address = SocketAddress.of(path, arena);
      LocalSocket made = of(create(state));
      int result =
          (int)
              Linux.CONNECT.invokeExact(state, made.socket.number(), address, SocketAddress.BYTES);
      if (result < 0) {
        made.close();
        throw Linux.failure("cannot connect to " + path, state);
      }
      return made;
    } catch (IOException | UnsupportedOperationException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /** Waits at most so long for bytes to come, and so long for the other side to take some. */
  public void timeouts(Duration receive, Duration send) throws IOException {
    time(RECEIVE_TIME, receive);
    time(SEND_TIME, send);
  }

  private void time(int option, Duration limit) throws IOException {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment state = confined.allocate(Linux.STATE);
      MemorySegment time = confined.allocate(ValueLayout.JAVA_LONG, 2);
      time.setAtIndex(ValueLayout.JAVA_LONG, 0, limit.toSeconds());
      time.setAtIndex(ValueLayout.JAVA_LONG, 1, limit.toNanosPart() / 1000);
      int result =
          (int)
              Linux.SETSOCKOPT.invokeExact(
                  state, socket.number(), SOCKET_LEVEL, option, time, (int) time.byteSize());
      if (result < 0) {
        throw Linux.failure("cannot limit the time of a Unix socket", state);
      }
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /** The process at the other end, as it was when it connected. */
  public int peerProcess() throws IOException {
    try (Arena confined = Arena.ofConfined()) {
      MemorySegment state = confined.allocate(Linux.STATE);
      MemorySegment credentials = confined.allocate(ValueLayout.JAVA_INT, 3);
      MemorySegment length = confined.allocateFrom(ValueLayout.JAVA_INT, 12);
      int result =
          (int)
              Linux.GETSOCKOPT.invokeExact(
                  state, socket.number(), SOCKET_LEVEL, PEER, credentials, length);
      if (result < 0) {
        throw Linux.failure("cannot ask who is connected", state);
      }
      return credentials.get(ValueLayout.JAVA_INT, 0);
    } catch (IOException e) {
      throw e;
    } catch (Throwable e) {
      throw Linux.broken(e);
    }
  }

  /** Sends all of {@code bytes}, which are native. */
  public void send(MemorySegment bytes) throws IOException {
    send(bytes, OptionalInt.empty());
  }

  /**
   * The same, with an open file beside the first byte; the file stays the caller's, too.
   *
   * @param file a descriptor
   */
  public void send(MemorySegment bytes, OptionalInt file) throws IOException {
    OptionalInt beside = file;
    for (long at = 0; at < bytes.byteSize(); ) {
      at += sent.send(socket.number(), bytes.asSlice(at), beside);
      beside = OptionalInt.empty();
    }
  }

  /**
   * Waits for bytes. Open files that come along are closed by the system.
   *
   * @param target native
   * @return how many came, 0 at the end, or {@link #TIMED_OUT}
   */
  public int receive(MemorySegment target) throws IOException {
    return received.receive(socket.number(), target, false);
  }

  /** The same; an open file that comes along can be asked for. */
  public int receiveWithFile(MemorySegment target) throws IOException {
    return received.receive(socket.number(), target, true);
  }

  /** The descriptor that came along last, which is the caller's; it is told once. */
  public OptionalInt takeFile() {
    return received.takeFile();
  }

  /** Whether the other side is there still and has sent nothing that was not received. */
  public boolean quiet() {
    return received.quiet(socket.number());
  }

  /** Receives what came so far and no more, for a thread that waits; any thread may say so. */
  public void endInput() {
    socket.shutdown(READ);
  }

  /** Ends both directions at once; any thread may say so. */
  public void shutdown() {
    socket.shutdown(BOTH);
  }

  /** Closes it; no thread may use it any more. Idempotent. */
  @Override
  public void close() {
    socket.close();
  }
}

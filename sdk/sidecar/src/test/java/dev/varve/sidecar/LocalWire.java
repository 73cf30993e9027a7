package dev.varve.sidecar;

import dev.varve.store.local.LocalSocket;
import dev.varve.store.local.MappedFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** A client at the Unix socket, byte for byte. */
final class LocalWire implements AutoCloseable {

  private final LocalSocket socket;
  private final WireClient wire;

  LocalWire(Path path) throws IOException {
    socket = LocalSocket.connect(path);
    socket.timeouts(Duration.ofSeconds(30), Duration.ofSeconds(30));
    wire = new WireClient(new Streams(socket));
  }

  WireClient wire() {
    return wire;
  }

  String ask(String... arguments) throws IOException {
    return wire.ask(arguments);
  }

  /** Asks for the memory file and maps it. */
  MappedFile map() throws IOException {
    String reply = ask("KV.MAP");
    List<Long> numbers = numbers(reply);
    return MappedFile.map(socket.takeFile().orElseThrow(), numbers.getLast());
  }

  /** The whole numbers of a reply, in order. */
  static List<Long> numbers(String reply) {
    return Arrays.stream(reply.split("\r\n"))
        .filter(line -> line.startsWith(":"))
        .map(line -> Long.parseLong(line.substring(1)))
        .toList();
  }

  LocalSocket socket() {
    return socket;
  }

  @Override
  public void close() {
    socket.close();
  }

  /** Shows a Unix socket as one that the wire client takes. */
  private static final class Streams extends Socket {

    private final LocalSocket socket;
    private final MemorySegment buffer = Arena.ofAuto().allocate(1 << 16);

    Streams(LocalSocket socket) {
      this.socket = socket;
    }

    @Override
    public InputStream getInputStream() {
      return new InputStream() {
        @Override
        public int read() throws IOException {
          byte[] one = new byte[1];
          return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
          int count =
              socket.receiveWithFile(buffer.asSlice(0, Math.min(length, buffer.byteSize())));
          if (count == LocalSocket.TIMED_OUT) {
            throw new IOException("nothing came in time");
          }
          MemorySegment.copy(buffer, ValueLayout.JAVA_BYTE, 0, target, offset, count);
          return count == 0 ? -1 : count;
        }
      };
    }

    @Override
    public OutputStream getOutputStream() {
      return new OutputStream() {
        @Override
        public void write(int one) throws IOException {
          write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] source, int offset, int length) throws IOException {
          try (Arena arena = Arena.ofConfined()) {
            MemorySegment bytes = arena.allocate(Math.max(1, length));
            MemorySegment.copy(source, offset, bytes, ValueLayout.JAVA_BYTE, 0, length);
            socket.send(bytes.asSlice(0, length));
          }
        }
      };
    }
  }
}

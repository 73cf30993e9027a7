package dev.varve.cli.bench;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/** A client of a server that speaks RESP: one connection, one command at a time, one thread. */
final class RespProbe implements Closeable {

  private static final int PIECE = 1 << 20;
  private static final int LONGEST_LINE = 512;

  private final SocketChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(PIECE).limit(0);

  RespProbe(SocketAddress address) throws IOException {
    channel = SocketChannel.open(address);
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Returns once the server answers with one line, and what it says. */
  String ask(String... words) throws IOException {
    StringBuilder text = new StringBuilder("*" + words.length + "\r\n");
    for (String word : words) {
      text.append('$').append(word.length()).append("\r\n").append(word).append("\r\n");
    }
    send(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.US_ASCII)));
    return line();
  }

  /**
   * Reads a value to its end.
   *
   * @throws IOException if there is none, or another length than {@code bytes}
   */
  void get(String key, long bytes) throws IOException {
    String head = ask("GET", key);
    if (!head.equals("$" + bytes)) {
      throw new IOException("GET " + key + " was answered with '" + head + "'");
    }
    for (long left = bytes + 2; left > 0; ) {
      if (!buffer.hasRemaining()) {
        fill();
      }
      int taken = (int) Math.min(left, buffer.remaining());
      buffer.position(buffer.position() + taken);
      left -= taken;
    }
  }

  /** Stores a value. */
  void set(String key, ByteBuffer value) throws IOException {
    String head =
        "*3\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n".formatted(key.length(), key, value.remaining());
    send(
        ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)),
        value.duplicate(),
        ByteBuffer.wrap("\r\n".getBytes(StandardCharsets.US_ASCII)));
    String reply = line();
    if (!reply.equals("+OK")) {
      throw new IOException("SET " + key + " was answered with '" + reply + "'");
    }
  }

  private void send(ByteBuffer... parts) throws IOException {
    while (parts[parts.length - 1].hasRemaining()) {
      channel.write(parts);
    }
  }

  private String line() throws IOException {
    StringBuilder text = new StringBuilder();
    while (text.length() < LONGEST_LINE) {
      if (!buffer.hasRemaining()) {
        fill();
      }
      char next = (char) buffer.get();
      if (next == '\n') {
        return text.substring(0, Math.max(0, text.length() - 1));
      }
      text.append(next);
    }
    throw new IOException("a line of more than " + LONGEST_LINE + " bytes");
  }

  private void fill() throws IOException {
    buffer.clear();
    int read = channel.read(buffer);
    if (read < 0) {
      throw new EOFException("the server ended the connection");
    }
    buffer.flip();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}

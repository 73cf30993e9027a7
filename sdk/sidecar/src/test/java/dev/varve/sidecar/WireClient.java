package dev.varve.sidecar;

import dev.varve.sidecar.resp.Text;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;

/** A client that sends bytes and reads bytes, without a library between. */
final class WireClient implements AutoCloseable {

  private static final int TIMEOUT_MILLIS = 20_000;

  private final Socket socket;
  private final InputStream in;

  WireClient(InetSocketAddress address) throws IOException {
    this(connected(address));
  }

  private static Socket connected(InetSocketAddress address) throws IOException {
    Socket socket = new Socket();
    socket.connect(address, TIMEOUT_MILLIS);
    socket.setSoTimeout(TIMEOUT_MILLIS);
    return socket;
  }

  /** A client over a socket that is connected. */
  WireClient(Socket socket) throws IOException {
    this.socket = socket;
    in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
  }

  void send(String bytes) throws IOException {
    send(Text.bytes(bytes));
  }

  void send(byte[] bytes) throws IOException {
    socket.getOutputStream().write(bytes);
    socket.getOutputStream().flush();
  }

  /** Sends a request as an array of bulk strings. */
  void request(byte[]... arguments) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(Text.bytes("*" + arguments.length + "\r\n"));
    for (byte[] argument : arguments) {
      out.writeBytes(Text.bytes("$" + argument.length + "\r\n"));
      out.writeBytes(argument);
      out.writeBytes(Text.bytes("\r\n"));
    }
    send(out.toByteArray());
  }

  /** Sends a request of texts and returns the bytes of the reply. */
  String ask(String... arguments) throws IOException {
    byte[][] bytes = new byte[arguments.length][];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = Text.bytes(arguments[i]);
    }
    request(bytes);
    return reply();
  }

  /** Reads exactly so many bytes. */
  String read(int length) throws IOException {
    byte[] bytes = in.readNBytes(length);
    if (bytes.length < length) {
      throw new EOFException("the server closed after " + Text.of(bytes));
    }
    return Text.of(bytes);
  }

  /** Reads the bytes of one reply, whatever it is. */
  String reply() throws IOException {
    StringBuilder whole = new StringBuilder();
    read(whole);
    return whole.toString();
  }

  private void read(StringBuilder whole) throws IOException {
    String line = line();
    whole.append(line);
    char type = line.charAt(0);
    switch (type) {
      case '$', '=' -> {
        int length = Integer.parseInt(line.substring(1).strip());
        whole.append(length < 0 ? "" : read(length + 2));
      }
      case '*', '%', '~' -> {
        int count = Integer.parseInt(line.substring(1).strip()) * (type == '%' ? 2 : 1);
        for (int i = 0; i < count; i++) {
          read(whole);
        }
      }
      default -> {
        // The line is all of it.
      }
    }
  }

  private String line() throws IOException {
    StringBuilder line = new StringBuilder();
    while (line.length() < 2 || line.charAt(line.length() - 1) != '\n') {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("the server closed after '" + line + "'");
      }
      line.append((char) next);
    }
    return line.toString();
  }

  /** Whether the server has closed, with nothing more to read. */
  boolean closedByServer() throws IOException {
    return in.read() < 0;
  }

  /** Sends no more. */
  void endOutput() throws IOException {
    socket.shutdownOutput();
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}

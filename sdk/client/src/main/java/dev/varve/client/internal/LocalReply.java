package dev.varve.client.internal;

import dev.varve.store.local.LocalSocket;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;

/** Reads replies from a Unix socket, number by number. For one thread at a time. */
public final class LocalReply {

  private static final int BUFFER_BYTES = 1 << 16;
  private static final int LONGEST_LINE = 4096;

  private final LocalSocket socket;
  private final MemorySegment buffer = Arena.ofAuto().allocate(BUFFER_BYTES);
  private final byte[] line = new byte[LONGEST_LINE];
  private int from;
  private int to;

  LocalReply(LocalSocket socket) {
    this.socket = socket;
  }

  /** The length of an array; -1 for no value. */
  public int array() throws RemoteException {
    int length = line();
    if (line[0] == '$' && length == 3 && line[1] == '-') {
      return -1;
    }
    return Math.toIntExact(Math.clamp(number('*', length), 0, Integer.MAX_VALUE));
  }

  /** A whole number. */
  public long integer() throws RemoteException {
    return number(':', line());
  }

  /** The text of a simple or a bulk string. */
  String text() throws RemoteException {
    int length = line();
    if (line[0] == '$') {
      length = line();
      return new String(line, 0, length, StandardCharsets.UTF_8);
    }
    return new String(line, 1, length - 1, StandardCharsets.UTF_8);
  }

  private long number(char type, int length) throws RemoteException {
    if (line[0] != type || length < 2 || length > 20) {
      throw RemoteException.broken("the server answered what no lease is");
    }
    boolean negative = line[1] == '-';
    long value = 0;
    for (int i = negative ? 2 : 1; i < length; i++) {
      int digit = line[i] - '0';
      if (digit < 0 || digit > 9) {
        throw RemoteException.broken("the server answered with a number that is none");
      }
      value = value * 10 + digit;
    }
    return negative ? -value : value;
  }

  /** Reads a line; returns its length without its end. */
  private int line() throws RemoteException {
    int length = 0;
    while (true) {
      if (from == to) {
        receive();
      }
      byte next = buffer.get(ValueLayout.JAVA_BYTE, from++);
      if (next == '\n') {
        break;
      }
      if (length == LONGEST_LINE) {
        throw RemoteException.broken("a line of more than " + LONGEST_LINE + " bytes came");
      }
      line[length++] = next;
    }
    if (length < 2 || line[length - 1] != '\r') {
      throw RemoteException.broken("the server does not speak RESP");
    }
    if (line[0] == '-') {
      String text = new String(line, 1, length - 2, StandardCharsets.UTF_8);
      throw from == to ? RemoteException.answered(text) : RemoteException.broken(text);
    }
    return length - 1;
  }

  private void receive() throws RemoteException {
    try {
      int count = socket.receiveWithFile(buffer);
      if (count == LocalSocket.TIMED_OUT) {
        throw RemoteException.broken("no answer came in time");
      }
      if (count == 0) {
        throw RemoteException.broken("the server ended the connection");
      }
      from = 0;
      to = count;
    } catch (IOException e) {
      throw RemoteException.broken(String.valueOf(e.getMessage()));
    }
  }
}

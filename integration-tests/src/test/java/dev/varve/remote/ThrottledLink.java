package dev.varve.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntToDoubleFunction;

/**
 * Carries bytes between clients and a server; what comes from the server passes a token bucket. It
 * may damage a byte or cut connections on the way.
 */
final class ThrottledLink implements AutoCloseable {

  private static final int PIECE = 1 << 14;

  private final ServerSocket listener;
  private final InetSocketAddress server;
  private final IntToDoubleFunction bytesPerSecond;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final AtomicInteger pieces = new AtomicInteger();
  private volatile long damageAt = Long.MAX_VALUE;
  private volatile long cutAt = Long.MAX_VALUE;

  /**
   * @param bytesPerSecond of the n-th 16 KiB that pass
   */
  ThrottledLink(InetSocketAddress server, IntToDoubleFunction bytesPerSecond) throws IOException {
    this.server = server;
    this.bytesPerSecond = bytesPerSecond;
    this.listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  InetSocketAddress address() {
    return (InetSocketAddress) listener.getLocalSocketAddress();
  }

  /** Flips a bit of the byte at this place of what each connection receives. */
  void damageAt(long place) {
    damageAt = place;
  }

  /** Cuts each connection behind so many bytes. */
  void cutAt(long place) {
    cutAt = place;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket upstream = new Socket();
        sockets.add(client);
        sockets.add(upstream);
        upstream.connect(server);
        Thread.ofVirtual().start(() -> carry(client, upstream, false));
        Thread.ofVirtual().start(() -> carry(upstream, client, true));
      }
    } catch (IOException e) {
      closeAll();
    }
  }

  private void carry(Socket from, Socket to, boolean shaped) {
    byte[] piece = new byte[PIECE];
    long passed = 0;
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      double owed = 0;
      for (int count = in.read(piece); count > 0; count = in.read(piece)) {
        if (shaped) {
          owed += pass(count);
          owed = pause(owed);
          if (passed <= damageAt && damageAt < passed + count) {
            piece[(int) (damageAt - passed)] ^= 4;
          }
          if (passed + count > cutAt) {
            return;
          }
        }
        out.write(piece, 0, count);
        passed += count;
      }
    } catch (IOException e) {
      // Whoever closed first has ended this connection.
    }
  }

  private double pass(int count) {
    return count / bytesPerSecond.applyAsDouble(pieces.getAndIncrement());
  }

  /** Sleeps what is owed once it is worth it; returns what remains owed. */
  private static double pause(double owed) {
    if (owed < 0.002) {
      return owed;
    }
    long start = System.nanoTime();
    try {
      Thread.sleep((long) (owed * 1e3));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return owed - (System.nanoTime() - start) / 1e9;
  }

  private void closeAll() {
    for (Socket socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // It is closed already.
      }
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    closeAll();
  }
}

package dev.varve.store.remote;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stands between a client and a server, and cuts, holds or slows what passes. */
final class TcpProxy implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(TcpProxy.class);

  private final ServerSocket listening;
  private final int target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;
  private volatile boolean held;
  private volatile long bytesPerSecond = Long.MAX_VALUE;

  TcpProxy(int target) throws IOException {
    this.target = target;
    this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(this::accept);
  }

  String address() {
    return "redis://127.0.0.1:" + listening.getLocalPort();
  }

  /** Ends all connections, and every new one at once, or lets them pass again. */
  void cut(boolean now) throws IOException {
    cut = now;
    for (Socket socket : sockets) {
      if (now) {
        socket.close();
      }
    }
  }

  /** Passes on no byte of an answer, or passes them on again. */
  void hold(boolean now) {
    held = now;
  }

  /** Slows answers down. */
  void bytesPerSecond(long most) {
    bytesPerSecond = most;
  }

  private void accept() {
    while (!listening.isClosed()) {
      try {
        Socket client = listening.accept();
        if (cut) {
          client.close();
          continue;
        }
        Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
        sockets.add(client);
        sockets.add(server);
        threads.execute(() -> pass(client, server, false));
        threads.execute(() -> pass(server, client, true));
      } catch (IOException e) {
        // The listener was closed, or the server is gone: the next client shows which.
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
      }
    }
  }

  private void pass(Socket from, Socket to, boolean answers) {
    byte[] buffer = new byte[16 << 10];
    try (from;
        to) {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        while (answers && held && !from.isClosed()) {
          LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        if (answers && bytesPerSecond < Long.MAX_VALUE) {
          LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(1) * count / bytesPerSecond);
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException e) {
      LOG.debug("a connection ended", e);
    } finally {
      sockets.remove(from);
      sockets.remove(to);
    }
  }

  @Override
  public void close() throws IOException {
    listening.close();
    for (Socket socket : sockets) {
      socket.close();
    }
    threads.shutdownNow();
  }
}

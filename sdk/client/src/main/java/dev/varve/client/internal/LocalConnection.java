package dev.varve.client.internal;

import dev.varve.client.LocalConfig;
import dev.varve.client.RemoteConfig;
import dev.varve.store.local.LocalSocket;
import dev.varve.store.local.MappedFile;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A connection to a Unix socket and the memory file that came over it, which stays mapped as long
 * as anybody holds a lease. Thread-safe; requests are run one after the other, and leases are given
 * back beside them.
 */
public final class LocalConnection implements AutoCloseable {

  /** Answers to releases that may wait to be read. */
  private static final int MOST_UNREAD = 256;

  private final LocalSocket socket;
  private final LocalReply replies;
  private final LocalRequest requests = new LocalRequest();
  private final ReentrantLock lock = new ReentrantLock();
  private final Queue<Long> ended = new ConcurrentLinkedQueue<>();
  private final AtomicInteger users = new AtomicInteger(1);
  private volatile boolean closed;
  private @Nullable MappedFile file;
  private int unread;

  private LocalConnection(LocalSocket socket) {
    this.socket = socket;
    this.replies = new LocalReply(socket);
  }

  /** Connects, says who it is, and maps the memory file. */
  public static LocalConnection open(LocalConfig config) throws RemoteException {
    LocalConnection made;
    try {
      made = new LocalConnection(LocalSocket.connect(config.socket()));
    } catch (IOException | UnsupportedOperationException e) {
      throw RemoteException.broken(String.valueOf(e.getMessage()));
    }
    try {
      made.socket.timeouts(config.deadline(), config.deadline());
      made.greet(config);
      return made;
    } catch (RemoteException | IOException e) {
      made.close();
      // Whoever we are not, and whatever does not fit: this connection is of no use.
      throw RemoteException.broken(String.valueOf(e.getMessage()));
    }
  }

  private void greet(LocalConfig config) throws RemoteException, IOException {
    if (config.login().isPresent()) {
      RemoteConfig.Login login = config.login().get();
      send(List.of(bytes("AUTH"), bytes(login.user()), bytes(login.password())));
      var _ = replies.text();
    }
    send(List.of(bytes("KV.MAP")));
    if (replies.array() != 4) {
      throw RemoteException.broken("no memory file came");
    }
    var _ = replies.text();
    var _ = replies.integer();
    var _ = replies.text();
    long length = replies.integer();
    int descriptor =
        socket
            .takeFile()
            .orElseThrow(() -> RemoteException.broken("no memory file came with the answer"));
    file = MappedFile.map(descriptor, length);
  }

  /** Leases values of keys, for {@link #release} to end. */
  public LocalLease leaseValues(List<byte[]> words) throws RemoteException {
    return lease(words, reply -> LocalLease.ofValues(reply, words.size() - 1));
  }

  /** Leases blocks, for {@link #release} to end. */
  public LocalLease leaseBlocks(List<byte[]> words) throws RemoteException {
    return lease(words, LocalLease::ofBlocks);
  }

  private interface Reading {
    LocalLease read(LocalReply reply) throws RemoteException;
  }

  private LocalLease lease(List<byte[]> words, Reading reading) throws RemoteException {
    lock.lock();
    try {
      sendReleases();
      send(words);
      readReleases();
      LocalLease lease = reading.read(replies);
      for (var place : lease.places()) {
        place.ifPresent(at -> slice(at.offset(), at.length()));
      }
      users.incrementAndGet();
      return lease;
    } catch (IndexOutOfBoundsException e) {
      throw RemoteException.broken("a place outside of the memory file came");
    } catch (IOException e) {
      throw RemoteException.broken(String.valueOf(e.getMessage()));
    } finally {
      lock.unlock();
      giveBack();
    }
  }

  /** Bytes of the memory file, read-only; good until the lease they are of is released. */
  public MemorySegment slice(long offset, long length) {
    MappedFile mapped = file;
    if (mapped == null) {
      throw new IllegalStateException("no memory file is mapped");
    }
    return mapped.memory().asSlice(offset, length);
  }

  /** Gives a lease back. */
  public void release(long number) {
    if (number != 0) {
      ended.add(number);
    }
    giveBack();
    leave();
  }

  /** Sends what waits to be given back, unless another thread is about to. */
  private void giveBack() {
    while (!ended.isEmpty() && !closed && lock.tryLock()) {
      try {
        sendReleases();
      } catch (IOException | RemoteException e) {
        // Leases end with the connection.
        closed = true;
        socket.shutdown();
      } finally {
        lock.unlock();
      }
    }
  }

  private void sendReleases() throws IOException, RemoteException {
    if (ended.isEmpty() || closed) {
      return;
    }
    List<byte[]> words = new ArrayList<>(List.of(bytes("KV.RELEASE")));
    for (Long next = ended.poll(); next != null; next = ended.poll()) {
      words.add(bytes(next.toString()));
    }
    send(words);
    if (++unread > MOST_UNREAD) {
      readReleases();
    }
  }

  private void readReleases() throws RemoteException {
    while (unread > 0) {
      try {
        var _ = replies.integer();
      } catch (RemoteException e) {
        // Even an error that was answered is none of the request that comes next.
        throw RemoteException.broken(String.valueOf(e.getMessage()));
      }
      unread--;
    }
  }

  /** Whether the connection has not ended, and with it the leases. */
  public boolean alive() {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      readReleases();
      return socket.quiet();
    } catch (RemoteException e) {
      return false;
    } finally {
      lock.unlock();
      giveBack();
    }
  }

  private void send(List<byte[]> words) throws IOException {
    socket.send(requests.of(words));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private void leave() {
    if (users.decrementAndGet() == 0) {
      socket.close();
      if (file != null) {
        file.close();
      }
    }
  }

  /** Ends the connection; memory that is leased stays mapped until the leases are closed. */
  @Override
  public void close() {
    closed = true;
    socket.shutdown();
    leave();
  }
}

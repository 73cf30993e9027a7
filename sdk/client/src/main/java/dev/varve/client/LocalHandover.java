package dev.varve.client;

import dev.varve.client.internal.LocalConnection;
import dev.varve.client.internal.LocalLease;
import dev.varve.client.internal.RemoteException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Values and blocks of a server on this machine, read where they lie: in memory that the server
 * writes and this process maps. Only names pass over the socket. It connects when it is first asked
 * and again after a failure; a failure, and a memory file without room, is empty, and the caller
 * reads over the network instead. Thread-safe, one request at a time; leases are independent.
 */
public final class LocalHandover implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalHandover.class);

  private final LocalConfig config;
  private final LongSupplier nanos;
  private @Nullable LocalConnection connection;
  private long failedAt;
  private boolean pausing;
  private boolean closed;
  private long leases;
  private long failures;

  /** What to lease; of one connection. */
  @FunctionalInterface
  private interface Request {
    LocalLease run(LocalConnection connection) throws RemoteException;
  }

  private LocalHandover(LocalConfig config, LongSupplier nanos) {
    this.config = config;
    this.nanos = nanos;
  }

  /**
   * A client.
   *
   * @param nanos like {@link System#nanoTime}
   */
  public static LocalHandover open(LocalConfig config, LongSupplier nanos) {
    return new LocalHandover(config, nanos);
  }

  /**
   * Leases the values of keys.
   *
   * @return a part for each key, absent for a key without a value; empty where nothing could be
   *     leased
   */
  public Optional<HandoverLease> lease(List<byte[]> keys) {
    if (keys.isEmpty()) {
      throw new IllegalArgumentException("a lease needs at least one key");
    }
    List<byte[]> words = new ArrayList<>(keys.size() + 1);
    words.add(bytes("KV.LEASEKEYS"));
    words.addAll(keys);
    return leased("values", open -> open.leaseValues(words));
  }

  /**
   * Leases raw blocks of a context.
   *
   * @param model its name at the server
   * @param range which of them
   * @return a part for each block that is stored, chunk by chunk and layer by layer, absent for one
   *     that was lost; empty where nothing could be leased
   */
  public Optional<HandoverLease> leaseBlocks(String model, int[] tokenIds, BlockRange range) {
    List<byte[]> words =
        List.of(
            bytes("KV.LEASE"),
            bytes(model),
            bytes("TOKENS"),
            ids(tokenIds),
            bytes("CHUNKS"),
            bytes("" + range.firstChunk()),
            bytes("" + range.chunks()),
            bytes("LAYERS"),
            bytes("" + range.firstLayer()),
            bytes("" + range.layers()));
    return leased("blocks", open -> open.leaseBlocks(words));
  }

  private static byte[] ids(int[] tokenIds) {
    ByteBuffer bytes =
        ByteBuffer.allocate(tokenIds.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asIntBuffer().put(tokenIds);
    return bytes.array();
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private synchronized Optional<HandoverLease> leased(String what, Request request) {
    if (closed || (pausing && nanos.getAsLong() - failedAt < config.pause().toNanos())) {
      return Optional.empty();
    }
    try {
      LocalConnection open = connection == null ? LocalConnection.open(config) : connection;
      connection = open;
      HandoverLease lease = HandoverLease.of(request.run(open), open);
      pausing = false;
      leases++;
      return Optional.of(lease);
    } catch (RemoteException e) {
      failures++;
      if (e.wasAnswered()) {
        LOG.info("{} are not handed over: {}", what, e.getMessage());
      } else {
        LOG.warn("{} of {} are not handed over: {}", what, config.socket(), e.getMessage());
        failed();
      }
      return Optional.empty();
    }
  }

  private void failed() {
    pausing = true;
    failedAt = nanos.getAsLong();
    disconnect();
  }

  private void disconnect() {
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }

  /** Leases that were had. */
  public synchronized long leases() {
    return leases;
  }

  /** Times that nothing was leased for a failure or for want of room. */
  public synchronized long failures() {
    return failures;
  }

  /**
   * Disconnects, which ends all leases at the server: what is still open says {@linkplain
   * HandoverLease#stillHeld so}. Idempotent.
   */
  @Override
  public synchronized void close() {
    closed = true;
    disconnect();
  }
}

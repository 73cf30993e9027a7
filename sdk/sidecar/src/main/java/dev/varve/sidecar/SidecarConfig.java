package dev.varve.sidecar;

import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.handover.HandoverConfig;
import dev.varve.sidecar.resp.RespLimits;
import dev.varve.store.Checks;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/**
 * What a server needs to know.
 *
 * @param address to listen at; port 0 for any that is free
 * @param transport the one to use; empty for the best there is
 * @param eventLoops threads that move bytes
 * @param maxClients most connections at a time
 * @param maxValueBytes longest value
 * @param requestBytes most memory of one request
 * @param memoryBytes memory for values on their way, of all connections together
 * @param readAheadBytes longest value that is checked to its end before it is sent
 * @param stall how long a client may leave a request half sent or a reply unread
 * @param drain how long running requests may take once the server is told to end
 * @param cluster whether it says of itself that it is a cluster of one
 * @param users who may use it
 * @param handover where memory is handed over to clients of this machine; empty for nowhere
 */
public record SidecarConfig(
    InetSocketAddress address,
    Optional<Transport> transport,
    int eventLoops,
    int maxClients,
    long maxValueBytes,
    long requestBytes,
    long memoryBytes,
    long readAheadBytes,
    Duration stall,
    Duration drain,
    boolean cluster,
    Users users,
    Optional<HandoverConfig> handover) {

  /** The port where a server listens unless told otherwise. */
  public static final int DEFAULT_PORT = 6390;

  /** Longest value that any server takes. */
  public static final long MOST_VALUE_BYTES = RespLimits.DEFAULT_BULK_BYTES;

  public SidecarConfig {
    Checks.inRange(eventLoops, 1, 1024, "event loops");
    Checks.inRange(maxClients, 1, 1_000_000, "clients");
    Checks.positive(maxValueBytes, "longest value");
    Checks.positive(readAheadBytes, "read ahead");
    if (maxValueBytes > MOST_VALUE_BYTES) {
      throw new IllegalArgumentException(
          "the longest value may have at most %d bytes: %d"
              .formatted(MOST_VALUE_BYTES, maxValueBytes));
    }
    if (requestBytes < maxValueBytes + (1 << 18)) {
      throw new IllegalArgumentException(
          "a request of %d bytes cannot hold a value of %d and its key: allow %d"
              .formatted(requestBytes, maxValueBytes, maxValueBytes + (1 << 18)));
    }
    if (memoryBytes < requestBytes) {
      throw new IllegalArgumentException(
          "%d bytes of memory cannot hold a request of %d: allow more memory, or smaller requests"
              .formatted(memoryBytes, requestBytes));
    }
  }

  /** The same that hands nothing over. */
  public SidecarConfig(
      InetSocketAddress address,
      Optional<Transport> transport,
      int eventLoops,
      int maxClients,
      long maxValueBytes,
      long requestBytes,
      long memoryBytes,
      long readAheadBytes,
      Duration stall,
      Duration drain,
      boolean cluster,
      Users users) {
    this(
        address,
        transport,
        eventLoops,
        maxClients,
        maxValueBytes,
        requestBytes,
        memoryBytes,
        readAheadBytes,
        stall,
        drain,
        cluster,
        users,
        Optional.empty());
  }

  /**
   * Good for one machine: loopback, {@link #DEFAULT_PORT}, values to 512 MiB in 1 GiB of memory.
   */
  public static SidecarConfig defaults() {
    return new SidecarConfig(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), DEFAULT_PORT),
        Optional.empty(),
        2,
        1000,
        MOST_VALUE_BYTES,
        MOST_VALUE_BYTES + (64L << 20),
        1L << 30,
        64L << 20,
        Duration.ofSeconds(60),
        Duration.ofSeconds(10),
        false,
        Users.OPEN,
        Optional.empty());
  }

  /** The same at another address. */
  public SidecarConfig at(InetSocketAddress other) {
    return new SidecarConfig(
        other,
        transport,
        eventLoops,
        maxClients,
        maxValueBytes,
        requestBytes,
        memoryBytes,
        readAheadBytes,
        stall,
        drain,
        cluster,
        users,
        handover);
  }

  /** The same that hands memory over, or does not. */
  public SidecarConfig handingOver(Optional<HandoverConfig> place) {
    return new SidecarConfig(
        address,
        transport,
        eventLoops,
        maxClients,
        maxValueBytes,
        requestBytes,
        memoryBytes,
        readAheadBytes,
        stall,
        drain,
        cluster,
        users,
        place);
  }
}

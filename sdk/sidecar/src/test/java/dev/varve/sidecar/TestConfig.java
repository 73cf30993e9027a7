package dev.varve.sidecar;

import dev.varve.sidecar.access.Users;
import java.time.Duration;
import java.util.Optional;

/** The default configuration on a free port, with some limits that a test reaches. */
final class TestConfig {

  private final SidecarConfig base = TestServer.CONFIG;
  private Optional<Transport> transport = base.transport();
  private int maxClients = base.maxClients();
  private long valueBytes = base.maxValueBytes();
  private long memoryBytes = base.memoryBytes();
  private long readAhead = base.readAheadBytes();
  private Duration stall = base.stall();
  private Users users = base.users();

  TestConfig transport(Transport forced) {
    transport = Optional.of(forced);
    return this;
  }

  TestConfig clients(int most) {
    maxClients = most;
    return this;
  }

  TestConfig value(long bytes) {
    valueBytes = bytes;
    return this;
  }

  TestConfig memory(long bytes) {
    memoryBytes = bytes;
    return this;
  }

  TestConfig readAhead(long bytes) {
    readAhead = bytes;
    return this;
  }

  TestConfig stall(long millis) {
    stall = Duration.ofMillis(millis);
    return this;
  }

  TestConfig users(Users allowed) {
    users = allowed;
    return this;
  }

  SidecarConfig build() {
    long request = Math.min(memoryBytes, valueBytes + (1 << 20));
    return new SidecarConfig(
        base.address(),
        transport,
        base.eventLoops(),
        maxClients,
        valueBytes,
        request,
        memoryBytes,
        readAhead,
        stall,
        base.drain(),
        base.cluster(),
        users);
  }
}

package dev.varve.sidecar;

import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.tls.Encryption;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A server on a free port over objects in the heap, with a clock that a test may set forward. */
final class TestServer implements AutoCloseable {

  /** Small limits, so that tests reach them. */
  static final SidecarConfig CONFIG = config();

  static final int WORKERS = 4;

  private final AtomicLong ahead = new AtomicLong();
  private final Map<Tenant, MemoryObjects> objects = new ConcurrentHashMap<>();
  private final ExecutorService workers = Executors.newFixedThreadPool(WORKERS);
  private final Sidecar sidecar;

  TestServer(SidecarConfig config, long capacity) throws IOException {
    this(config, capacity, Models.NONE);
  }

  TestServer(SidecarConfig config, long capacity, Models models) throws IOException {
    this(config, capacity, models, Optional.empty());
  }

  /** A server whose connections are encrypted. */
  static TestServer encrypted(Encryption encryption) throws IOException {
    return new TestServer(CONFIG, 1L << 30, Models.NONE, Optional.of(encryption));
  }

  private TestServer(
      SidecarConfig config, long capacity, Models models, Optional<Encryption> encryption)
      throws IOException {
    sidecar =
        Sidecar.start(
            config,
            new SidecarParts(
                    "1.2.3",
                    tenant ->
                        objects.computeIfAbsent(
                            tenant, _ -> new MemoryObjects(capacity, this::millis)),
                    models,
                    Thread.ofPlatform().daemon().factory(),
                    workers,
                    this::millis,
                    System::nanoTime,
                    new Random()::nextLong)
                .encryptedBy(encryption));
  }

  static TestServer start() throws IOException {
    return new TestServer(CONFIG, 1L << 30);
  }

  private static SidecarConfig config() {
    return SidecarConfig.defaults().at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
  }

  private long millis() {
    return System.currentTimeMillis() + ahead.get();
  }

  void forward(long forwardMillis) {
    ahead.addAndGet(forwardMillis);
  }

  Sidecar sidecar() {
    return sidecar;
  }

  MemoryObjects objects(Tenant tenant) {
    return objects.computeIfAbsent(tenant, _ -> new MemoryObjects(1L << 30, this::millis));
  }

  InetSocketAddress address() {
    return sidecar.address();
  }

  WireClient connect() throws IOException {
    return new WireClient(address());
  }

  @Override
  public void close() {
    sidecar.close();
    workers.shutdown();
    try {
      if (!workers.awaitTermination(20, TimeUnit.SECONDS)) {
        throw new IllegalStateException("workers do not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

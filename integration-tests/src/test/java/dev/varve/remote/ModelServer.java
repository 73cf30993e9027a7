package dev.varve.remote;

import dev.varve.compression.Encodings;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sidecar.Sidecar;
import dev.varve.sidecar.SidecarConfig;
import dev.varve.sidecar.SidecarParts;
import dev.varve.sidecar.handover.HandoverConfig;
import dev.varve.sidecar.handover.ShelfState;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A server of one small model named {@code m}. */
final class ModelServer implements AutoCloseable {

  static final int SPAN = 64;
  static final ModelShape SHAPE =
      ModelShape.uniform(4, LayerShape.grouped(2, 2, 64, RopeSpec.none()), Dtype.F16);
  static final ModelGeometry GEOMETRY = ModelGeometry.of(SHAPE, SPAN);

  private final KvCache cache;
  private final ExecutorService workers = Executors.newFixedThreadPool(4);
  private final Sidecar sidecar;

  ModelServer(int port) throws IOException {
    this(port, SHAPE, Optional.empty());
  }

  /** A server of a model of another shape. */
  ModelServer(int port, ModelShape shape) throws IOException {
    this(port, shape, Optional.empty());
  }

  /** A server that hands memory over as well. */
  ModelServer(int port, HandoverConfig handover) throws IOException {
    this(port, SHAPE, Optional.of(handover));
  }

  private ModelServer(int port, ModelShape shape, Optional<HandoverConfig> handover)
      throws IOException {
    cache =
        KvCache.open(
            CacheConfig.of(shape, "model server")
                .blockTokens(SPAN)
                .hot(16 << 20)
                .host(64 << 20)
                .build());
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    sidecar =
        Sidecar.start(
            SidecarConfig.defaults().at(address).handingOver(handover),
            new SidecarParts(
                "test",
                cache::objects,
                new Models(
                    List.of(
                        ServedModel.of(
                            "m",
                            cache,
                            List.of(Encodings.parse("lossless"), Encodings.parse("int8"))))),
                Thread.ofPlatform().daemon().factory(),
                workers,
                System::currentTimeMillis,
                System::nanoTime,
                new Random()::nextLong));
  }

  InetSocketAddress address() {
    return sidecar.address();
  }

  /** What the memory files hold. */
  ShelfState shelves() {
    return sidecar.local().orElseThrow().shelves().state();
  }

  KvCache cache() {
    return cache;
  }

  @Override
  public void close() {
    sidecar.close();
    workers.close();
    cache.close();
  }
}

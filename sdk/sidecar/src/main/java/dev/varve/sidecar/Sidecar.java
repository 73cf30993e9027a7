package dev.varve.sidecar;

import dev.varve.sidecar.command.Client;
import dev.varve.sidecar.command.Clients;
import dev.varve.sidecar.command.CommandTable;
import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.command.Dispatcher;
import dev.varve.sidecar.command.ServerFacts;
import dev.varve.sidecar.command.Spaces;
import dev.varve.sidecar.command.StandardCommands;
import dev.varve.sidecar.command.kv.KvCommands;
import dev.varve.sidecar.connection.Connection;
import dev.varve.sidecar.connection.ConnectionLimits;
import dev.varve.sidecar.lmcache.ShapedObjects;
import dev.varve.sidecar.lmcache.SlabShapes;
import dev.varve.sidecar.local.LocalServer;
import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.memory.MemoryBudget;
import dev.varve.sidecar.resp.RespLimits;
import dev.varve.sidecar.status.ServerState;
import dev.varve.sidecar.value.Values;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running server that speaks RESP, from {@link #start} to {@link #close}. Thread-safe.
 *
 * <p>Event loops move bytes and cut them into requests; workers run these. A client that reads
 * slowly, a value that is long, and a request that never ends cost bounded memory and no thread.
 */
public final class Sidecar implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Sidecar.class);

  /** A channel with more unsent bytes gets no more until fewer than {@link #LOW} are left. */
  private static final int HIGH = 4 << 20;

  private static final int LOW = 2 << 20;
  private static final int BACKLOG = 511;
  private static final int LAST_SECONDS = 5;

  private final SidecarConfig config;
  private final SidecarParts parts;
  private final TransportChoice transport;
  private final EventLoopGroup loops;
  private final Counters counters = new Counters();
  private final Clients clients = new Clients();
  private final MemoryBudget memory;
  private final Spaces spaces;
  private final CommandTable commands;
  private final AtomicLong nextClient = new AtomicLong(1);
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final long startedMillis;
  private volatile @Nullable Channel listener;
  private volatile @Nullable LocalServer local;
  private volatile boolean closing;

  private Sidecar(SidecarConfig config, SidecarParts parts, TransportChoice transport) {
    this.config = config;
    this.parts = parts;
    this.transport = transport;
    this.startedMillis = parts.millis().getAsLong();
    this.memory = new MemoryBudget(config.memoryBytes());
    Values values = new Values(memory, config.readAheadBytes(), PooledByteBufAllocator.DEFAULT);
    SlabShapes shapes = new SlabShapes(parts.models());
    this.spaces =
        new Spaces(
            tenant -> new ShapedObjects(parts.objects().apply(tenant), shapes), values, counters);
    this.commands =
        new StandardCommands(
                facts(),
                clients,
                counters,
                memory,
                config.maxValueBytes(),
                config.users().stranger().isEmpty(),
                new KvCommands(parts.models(), counters, memory, parts.millis(), parts.nanos())
                    .all(),
                parts.millis())
            .table();
    this.loops =
        new MultiThreadIoEventLoopGroup(
            config.eventLoops(), parts.loops(), transport.transport().factory());
  }

  private ServerFacts facts() {
    return new ServerFacts(
        parts.version(),
        RunId.of(parts.random()),
        ProcessHandle.current().pid(),
        startedMillis,
        transport.transport().label(),
        config.cluster(),
        RedisSettings.of(config));
  }

  /**
   * Starts a server; it accepts connections when this returns.
   *
   * @throws IOException if the address cannot be listened at
   */
  public static Sidecar start(SidecarConfig config, SidecarParts parts) throws IOException {
    DirectMemory.check(config.memoryBytes());
    TransportChoice transport = TransportChoice.of(config.transport());
    Sidecar sidecar = new Sidecar(config, parts, transport);
    try {
      sidecar.listen();
      sidecar.handOver();
    } catch (IOException | RuntimeException e) {
      sidecar.close();
      throw e;
    }
    LOG.info("listening at {}, transport {}", sidecar.address(), transport.reason());
    return sidecar;
  }

  private void listen() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loops)
            .channel(transport.transport().serverChannel())
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.ALLOCATOR, PooledByteBufAllocator.DEFAULT)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, new WriteBufferWaterMark(LOW, HIGH))
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(config.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      throw new IOException(
          "cannot listen at %s: %s".formatted(config.address(), cause.getMessage()), cause);
    }
    listener = bound.channel();
  }

  private void accept(Channel channel) {
    counters.connections.increment();
    if (closing || channels.size() >= config.maxClients()) {
      counters.refusedConnections.increment();
      channel.pipeline().addLast(new Refusal());
      return;
    }
    channels.add(channel);
    Client client = client(Addresses.place(channel));
    parts.encryption().ifPresent(encryption -> encryption.encrypt(channel));
    channel
        .pipeline()
        .addLast(
            new Connection(
                new ConnectionLimits(limits(), config.stall()),
                new ConnectionMemory(memory),
                dispatcher(client),
                parts.workers()));
  }

  private RespLimits limits() {
    return RespLimits.of(config.maxValueBytes(), config.requestBytes());
  }

  private Client client(Client.Place place) {
    return new Client(
        nextClient.getAndIncrement(), place, config.users(), spaces, parts.millis().getAsLong());
  }

  private Dispatcher dispatcher(Client client) {
    return new Dispatcher(commands, client, clients, counters, parts.watch(), parts.nanos());
  }

  private void handOver() throws IOException {
    if (config.handover().isPresent()) {
      local =
          LocalServer.start(
              new LocalServer.Parts(
                  config.handover().get(),
                  limits(),
                  config.stall(),
                  config.drain(),
                  memory,
                  place -> {
                    counters.connections.increment();
                    return client(place);
                  },
                  this::dispatcher,
                  parts.loops(),
                  parts.millis()));
    }
  }

  /** Hands memory over to clients of this machine; empty where it does not. */
  public Optional<LocalServer> local() {
    return Optional.ofNullable(local);
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    Channel open = listener;
    return open == null ? config.address() : (InetSocketAddress) open.localAddress();
  }

  /** Waits until somebody closed the server. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** How bytes come and go, and why so. */
  public TransportChoice transport() {
    return transport;
  }

  /** What happened since it started. */
  public Counters counters() {
    return counters;
  }

  /** What connections hold now. */
  public MemoryBudget memory() {
    return memory;
  }

  /** What it is and has done, now. */
  public ServerState state() {
    InetSocketAddress at = address();
    return new ServerState(
        parts.version(),
        at.getAddress().getHostAddress() + ":" + at.getPort(),
        transport.transport().label(),
        (parts.millis().getAsLong() - startedMillis) / 1000,
        closing,
        clients.count(),
        config.maxClients(),
        memory.used(),
        memory.total(),
        counters.connections.sum(),
        counters.refusedConnections.sum(),
        counters.commands.sum(),
        counters.hits.sum(),
        counters.misses.sum(),
        counters.droppedPuts.sum(),
        counters.failures.sum(),
        counters.wrongPasswords.sum());
  }

  /**
   * Accepts nobody any more, answers what was received, and ends; after {@link SidecarConfig#drain}
   * in any case. Idempotent.
   */
  @Override
  public void close() {
    if (closing) {
      return;
    }
    closing = true;
    local().ifPresent(LocalServer::drain);
    Channel open = listener;
    if (open != null) {
      var _ = open.close().awaitUninterruptibly();
    }
    for (Channel channel : channels) {
      channel
          .eventLoop()
          .execute(() -> {
            Connection connection = channel.pipeline().get(Connection.class);
            if (connection != null) {
              connection.drain();
            }
          });
    }
    boolean drained =
        channels
            .newCloseFuture()
            .awaitUninterruptibly(config.drain().toMillis(), TimeUnit.MILLISECONDS);
    if (!drained) {
      LOG.warn("{} clients were not done in time and are cut off", channels.size());
      var _ = channels.close().awaitUninterruptibly();
    }
    local().ifPresent(LocalServer::close);
    loops.shutdownGracefully(0, LAST_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
    ended.countDown();
    LOG.info("ended");
  }
}

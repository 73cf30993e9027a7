package dev.varve.client;

import dev.varve.client.internal.ClientCounters;
import dev.varve.client.internal.ConnectionPool;
import dev.varve.client.internal.CoveredIntake;
import dev.varve.client.internal.Deadline;
import dev.varve.client.internal.QueryRequests;
import dev.varve.client.internal.RemoteException;
import dev.varve.client.internal.ReplyReader;
import dev.varve.client.internal.StreamIntake;
import dev.varve.compression.Encodings;
import dev.varve.sdk.LayerTensors;
import dev.varve.sdk.wire.BlockTensors;
import dev.varve.sdk.wire.WireBlocks;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.ModelGeometry;
import dev.varve.store.kernel.Backends;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The KV cache of a server, for an engine that attends itself. Connections are made when they are
 * needed and again after a failure. Every failure is a miss: a match of nothing, a prefix that is
 * shorter, a context that is not stored; the log and {@link #stats} say why. Thread-safe; bytes are
 * received by event loops and decoded by the thread that asks, so that one chunk is decoded while
 * the next is on its way.
 */
public final class RemoteKvCache implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(RemoteKvCache.class);

  private static final Encoding LOSSLESS = Encodings.parse("lossless");
  private static final ValueLayout.OfInt ID =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final RemoteConfig config;
  private final LongSupplier nanos;
  private final EventLoopGroup loops;
  private final ConnectionPool pool;
  private final ClientCounters counters = new ClientCounters();

  private RemoteKvCache(RemoteConfig config, EventLoopGroup loops, LongSupplier nanos) {
    this.config = config;
    this.nanos = nanos;
    this.loops = loops;
    this.pool = new ConnectionPool(config, loops, nanos, counters);
  }

  /**
   * A client; it connects when it is first asked.
   *
   * @param threads makes the one thread that receives
   * @param nanos like {@link System#nanoTime}
   */
  public static RemoteKvCache open(RemoteConfig config, ThreadFactory threads, LongSupplier nanos) {
    return new RemoteKvCache(
        config, new MultiThreadIoEventLoopGroup(1, threads, NioIoHandler.newFactory()), nanos);
  }

  /** The longest prefix of {@code tokenIds} that the server has. */
  public RemoteMatch match(int[] tokenIds) {
    counters.requests.increment();
    try {
      return pool.with(
          deadline(),
          connection -> {
            connection.send(context("KV.MATCH", tokenIds));
            List<String> told = connection.reply(deadline()).leaves();
            return new RemoteMatch(
                (int) number(told, "tokens"),
                (int) number(told, "fetch_tokens"),
                number(told, "bytes"));
          });
    } catch (RemoteException e) {
      failed("match", e);
      return RemoteMatch.MISS;
    }
  }

  private static long number(List<String> told, String name) {
    int at = told.indexOf(name);
    String value = at < 0 || at + 1 >= told.size() ? "" : told.get(at + 1);
    return value.matches("[0-9]{1,18}") ? Long.parseLong(value) : 0;
  }

  /**
   * Has the server send what it stores of {@code tokenIds} from {@code firstToken} on, and shows it
   * to the engine chunk by chunk, layer by layer, as it comes.
   *
   * @param firstToken a multiple of the chunk's tokens: the engine has what is before
   * @return tokens from position 0 that the engine has now, whole chunks; of a chunk behind them it
   *     may have been shown some layers
   */
  public int stream(int[] tokenIds, int firstToken, StreamOptions options, LayerSink sink) {
    int span = config.geometry().blockTokens();
    if (firstToken < 0 || firstToken % span != 0 || firstToken > tokenIds.length) {
      throw new IllegalArgumentException(
          "a stream begins at a multiple of %d up to %d: %d"
              .formatted(span, tokenIds.length, firstToken));
    }
    counters.requests.increment();
    StreamIntake intake = new StreamIntake(config.geometry(), firstToken, sink, counters);
    Deadline deadline = deadline();
    try {
      pool.with(
          deadline,
          connection -> {
            connection.send(request(tokenIds, firstToken / span, options));
            ReplyReader reply = connection.reply(deadline);
            intake.read(reply);
            return intake;
          });
      if (!intake.usable()) {
        counters.failures.increment();
      }
    } catch (RemoteException e) {
      failed("stream", e);
    }
    return intake.tokens();
  }

  private ByteBuf[] request(int[] tokenIds, int firstChunk, StreamOptions options) {
    List<ByteBuf> arguments = new ArrayList<>(List.of(context("KV.STREAM", tokenIds)));
    int whole = tokenIds.length / config.geometry().blockTokens();
    add(arguments, "CHUNKS", "" + firstChunk, "" + (whole - firstChunk));
    if (!options.levels().isEmpty()) {
      add(arguments, "LEVELS", "" + options.levels().size());
      options.levels().forEach(level -> add(arguments, Encodings.name(level)));
    }
    options
        .target()
        .ifPresent(target -> add(arguments, "TARGET", "" + Math.max(1, target.toMillis())));
    options.floorBytesPerSecond().ifPresent(floor -> add(arguments, "FLOOR", "" + floor));
    if (options.computes()) {
      add(arguments, "TEXT");
    }
    return arguments.toArray(ByteBuf[]::new);
  }

  private static void add(List<ByteBuf> arguments, String... texts) {
    for (String text : texts) {
      arguments.add(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8));
    }
  }

  private ByteBuf[] context(String command, int[] tokenIds) {
    List<ByteBuf> arguments = new ArrayList<>();
    add(arguments, command, config.model(), "TOKENS");
    byte[] ids = new byte[tokenIds.length * Integer.BYTES];
    MemorySegment.copy(tokenIds, 0, MemorySegment.ofArray(ids), ID, 0, tokenIds.length);
    arguments.add(Unpooled.wrappedBuffer(ids));
    return arguments.toArray(ByteBuf[]::new);
  }

  /**
   * Has the server attend queries to what it stores of {@code tokenIds}, for whoever does not want
   * keys and values to come here.
   *
   * @param queries of one request; a server takes 1,048,576 elements at most
   * @return what is covered; merge it with the partial over everything else
   * @throws IllegalArgumentException if the queries are none of this model, or the scope does not
   *     begin and end with chunks
   */
  public RemoteAttention attend(int[] tokenIds, RemoteQueries queries, RemoteScope scope) {
    CoveredIntake intake = new CoveredIntake(config.geometry(), queries, scope);
    return ask("KV.ATTEND", tokenIds, queries, scope, List.of(), intake::attention)
        .orElseGet(intake::noAttention);
  }

  /**
   * Asks the server which of the tokens that it stores of {@code tokenIds} queries should read.
   *
   * @param scope with a policy that chooses
   * @throws IllegalArgumentException as {@link #attend} does, and if there is no policy
   */
  public RemoteSelection select(int[] tokenIds, RemoteQueries queries, RemoteScope scope) {
    if (scope.select().isEmpty()) {
      throw new IllegalArgumentException("say how to choose, as in scope.select(\"quest(k=256)\")");
    }
    CoveredIntake intake = new CoveredIntake(config.geometry(), queries, scope);
    return ask("KV.INDEX", tokenIds, queries, scope, List.of("SCORES"), intake::selection)
        .orElseGet(intake::noSelection);
  }

  /** Reads a reply. */
  private interface Reading<T> {
    T of(ReplyReader reply) throws RemoteException;
  }

  private <T> Optional<T> ask(
      String command,
      int[] tokenIds,
      RemoteQueries queries,
      RemoteScope scope,
      List<String> more,
      Reading<T> reading) {
    int span = config.geometry().blockTokens();
    queries.check(config.geometry().shape());
    boolean open = scope.endToken() == Integer.MAX_VALUE;
    if (scope.firstToken() % span != 0 || (!open && scope.endToken() % span != 0)) {
      throw new IllegalArgumentException(
          "a scope begins and ends at multiples of %d: %d to %d"
              .formatted(span, scope.firstToken(), scope.endToken()));
    }
    if (scope.firstToken() / span >= tokenIds.length / span) {
      return Optional.empty();
    }
    counters.requests.increment();
    Deadline deadline = deadline();
    try {
      return Optional.of(
          pool.with(
              deadline,
              connection -> {
                List<ByteBuf> arguments = new ArrayList<>(List.of(context(command, tokenIds)));
                arguments.addAll(QueryRequests.arguments(queries, scope, tokenIds.length, span));
                add(arguments, more.toArray(String[]::new));
                connection.send(arguments.toArray(ByteBuf[]::new));
                return reading.of(connection.reply(deadline));
              }));
    } catch (RemoteException e) {
      failed(command, e);
      return Optional.empty();
    }
  }

  /**
   * Has the server keep what the engine computed, chunk by chunk, without loss.
   *
   * @param layers one entry per layer with a row per token, in the element type of the model
   * @return tokens of the prefix that the server has then; 0 if nothing could be stored
   */
  public int store(int[] tokenIds, List<LayerTensors> layers) {
    ModelGeometry geometry = config.geometry();
    if (layers.size() != geometry.shape().layerCount()) {
      throw new IllegalArgumentException(
          "the model has %d layers, tensors of %d were given"
              .formatted(geometry.shape().layerCount(), layers.size()));
    }
    counters.requests.increment();
    Deadline deadline = deadline();
    WireBlocks blocks = new WireBlocks(geometry, Backends.choose(Optional.empty()).backend());
    int span = geometry.blockTokens();
    int stored = 0;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment block = arena.allocate(geometry.largestBlock(), BlockGeometry.ALIGNMENT);
      for (int chunk = 0; chunk < tokenIds.length / span; chunk++) {
        ByteBuf frames = frames(blocks, layers, chunk, block);
        List<ByteBuf> arguments = new ArrayList<>(List.of(context("KV.PUT", tokenIds)));
        add(arguments, "CHUNKS", "" + chunk, "1", "FRAMES");
        arguments.add(frames);
        stored =
            pool.with(
                deadline,
                connection -> {
                  connection.send(arguments.toArray(ByteBuf[]::new));
                  return (int) connection.reply(deadline).integer();
                });
      }
    } catch (RemoteException e) {
      failed("store", e);
    }
    return stored;
  }

  private ByteBuf frames(
      WireBlocks blocks, List<LayerTensors> layers, int chunk, MemorySegment block) {
    ModelGeometry geometry = config.geometry();
    int from = chunk * geometry.blockTokens();
    ByteBuf frames = Unpooled.buffer();
    for (int layer = 0; layer < layers.size(); layer++) {
      if (geometry.shape().owns(layer)) {
        BlockTensors.copy(geometry.block(layer), layers.get(layer), from, block);
        MemorySegment frame = blocks.encode(layer, from, LOSSLESS, block);
        frames.writeBytes(frame.asByteBuffer());
      }
    }
    return frames;
  }

  private Deadline deadline() {
    return new Deadline(nanos, config.deadline());
  }

  private void failed(String what, RemoteException e) {
    counters.failures.increment();
    LOG.warn("{} at {} failed and is a miss: {}", what, config.address(), e.getMessage());
  }

  /** What it has done so far. */
  public RemoteStats stats() {
    return new RemoteStats(
        counters.requests.sum(),
        counters.failures.sum(),
        counters.connects.sum(),
        counters.receivedBytes.sum(),
        counters.refusedFrames.sum());
  }

  /** Ends all connections; requests under way fail. Idempotent. */
  @Override
  public void close() {
    pool.close();
    loops.shutdownGracefully(0, 5, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}

package dev.varve.cli.bench;

import dev.varve.cli.text.ByteSize;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntConsumer;

/** Our server and Redis under the same client, in turns (goals P10, P11). */
public final class ServeBench {

  private static final double GET_GOAL = 1.2;
  private static final double SET_GOAL = 0.9;
  private static final double TAIL_GOAL = 0.2;
  private static final int SMALL = 1 << 10;
  private static final int LARGE = 8 << 20;
  private static final int LARGE_VALUES = 16;
  private static final int SMALL_VALUES = 1000;
  private static final double TAIL = 0.999;
  private static final String PEER = "redis";

  /**
   * What is measured.
   *
   * @param sizes of values
   * @param connections of clients at a time
   * @param dataBytes of all values of a size together
   * @param millis of one measurement
   * @param pairs measurements of each server
   */
  public record Settings(
      List<ByteSize> sizes, List<Integer> connections, long dataBytes, int millis, int pairs) {

    public Settings {
      sizes = List.copyOf(sizes);
      connections = List.copyOf(connections);
    }

    /** Parts that the two halves tell of. */
    public int parts() {
      return 2 * sizes.size() * connections.size() + 1;
    }
  }

  private final Settings settings;
  private final InetSocketAddress ours;
  private final InetSocketAddress peer;
  private final ThreadFactory threads;

  /**
   * @param ours where our server listens
   * @param peer where Redis does
   * @param threads of the clients
   */
  public ServeBench(
      Settings settings, InetSocketAddress ours, InetSocketAddress peer, ThreadFactory threads) {
    this.settings = settings;
    this.ours = ours;
    this.peer = peer;
    this.threads = threads;
  }

  /** Rates of values by size and connections. */
  public List<Comparison> rates(IntConsumer progress) throws IOException {
    List<Comparison> rates = new ArrayList<>();
    int done = 0;
    for (ByteSize size : settings.sizes()) {
      int bytes = Math.toIntExact(size.bytes());
      int keys = Math.toIntExact(Math.max(1, settings.dataBytes() / bytes));
      ByteBuffer value = value(bytes);
      for (InetSocketAddress server : List.of(ours, peer)) {
        fill(server, value, keys);
      }
      for (int count : settings.connections()) {
        rates.add(compare("GET", GET_GOAL, value, keys, count));
        progress.accept(++done);
        rates.add(compare("SET", SET_GOAL, value, keys, count));
        progress.accept(++done);
      }
      flush();
    }
    return rates;
  }

  private static ByteBuffer value(int bytes) {
    byte[] random = new byte[bytes];
    new Random(bytes).nextBytes(random);
    return ByteBuffer.allocateDirect(bytes).put(random).flip();
  }

  private static String key(int bytes, int number) {
    return "bench:" + bytes + ":" + number;
  }

  private static void fill(InetSocketAddress server, ByteBuffer value, int keys)
      throws IOException {
    try (RespProbe probe = new RespProbe(server)) {
      for (int i = 0; i < keys; i++) {
        probe.set(key(value.remaining(), i), value);
      }
    }
  }

  private void flush() throws IOException {
    for (InetSocketAddress server : List.of(ours, peer)) {
      try (RespProbe probe = new RespProbe(server)) {
        probe.ask("FLUSHALL");
      }
    }
  }

  private Comparison compare(String command, double goal, ByteBuffer value, int keys, int count)
      throws IOException {
    String name =
        "%s %s, %d connection%s"
            .formatted(command, new ByteSize(value.remaining()), count, count == 1 ? "" : "s");
    Comparison.Question question = new Comparison.Question(name, PEER, OptionalDouble.of(goal));
    boolean get = command.equals("GET");
    return Comparison.measure(
        question,
        settings.pairs(),
        _ -> rate(ours, get, value, keys, count),
        _ -> rate(peer, get, value, keys, count));
  }

  /** Bytes of values a second. */
  private double rate(InetSocketAddress server, boolean get, ByteBuffer value, int keys, int count)
      throws IOException {
    int bytes = value.remaining();
    List<Callable<Long>> clients = new ArrayList<>();
    for (int client = 0; client < count; client++) {
      int first = client;
      clients.add(() -> {
        long moved = 0;
        try (RespProbe probe = new RespProbe(server)) {
          long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.millis());
          for (int i = first; moved == 0 || System.nanoTime() < end; i += count) {
            if (get) {
              probe.get(key(bytes, i % keys), bytes);
            } else {
              probe.set(key(bytes, i % keys), value);
            }
            moved += bytes;
          }
        }
        return moved;
      });
    }
    long start = System.nanoTime();
    long moved = together(clients).stream().mapToLong(Long::longValue).sum();
    return moved * 1e9 / (System.nanoTime() - start);
  }

  private <T> List<T> together(List<Callable<T>> tasks) throws IOException {
    ExecutorService pool = Executors.newFixedThreadPool(tasks.size(), threads);
    try {
      List<T> results = new ArrayList<>();
      for (Future<T> each : pool.invokeAll(tasks)) {
        results.add(each.get());
      }
      return results;
    } catch (ExecutionException e) {
      throw new IOException("a client of the benchmark failed: " + e.getCause(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("the benchmark was interrupted", e);
    } finally {
      pool.shutdownNow();
    }
  }

  /** How long small values take while others read large ones. */
  public List<Finding> times(IntConsumer progress) throws IOException {
    ByteBuffer large = value(LARGE);
    ByteBuffer small = value(SMALL);
    for (InetSocketAddress server : List.of(ours, peer)) {
      fill(server, large, LARGE_VALUES);
      fill(server, small, SMALL_VALUES);
    }
    double[] our = new double[settings.pairs()];
    double[] theirs = new double[settings.pairs()];
    for (int pair = 0; pair < settings.pairs(); pair++) {
      our[pair] = tail(ours);
      theirs[pair] = tail(peer);
    }
    flush();
    progress.accept(settings.parts());
    double redis = Comparison.median(theirs);
    return List.of(
        Finding.of("GET 1 KiB, p99.9", Comparison.median(our), "us")
            .atMost(TAIL_GOAL * redis)
            .beside(PEER, redis));
  }

  private double tail(InetSocketAddress server) throws IOException {
    AtomicBoolean over = new AtomicBoolean();
    List<Double> tails =
        together(
            List.of(
                () -> {
                  try {
                    return small(server);
                  } finally {
                    over.set(true);
                  }
                },
                () -> {
                  try (RespProbe probe = new RespProbe(server)) {
                    for (int i = 0; !over.get(); i++) {
                      probe.get(key(LARGE, i % LARGE_VALUES), LARGE);
                    }
                  }
                  return 0.0;
                }));
    return tails.getFirst();
  }

  private double small(InetSocketAddress server) throws IOException {
    List<Long> nanos = new ArrayList<>();
    try (RespProbe probe = new RespProbe(server)) {
      long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(settings.millis());
      for (int i = 0; i == 0 || System.nanoTime() < end; i++) {
        long start = System.nanoTime();
        probe.get(key(SMALL, i % SMALL_VALUES), SMALL);
        nanos.add(System.nanoTime() - start);
      }
    }
    return new Latencies(nanos.stream().mapToLong(Long::longValue).toArray()).micros(TAIL);
  }
}

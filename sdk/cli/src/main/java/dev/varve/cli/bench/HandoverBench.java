package dev.varve.cli.bench;

import dev.varve.cli.text.ByteSize;
import dev.varve.client.HandoverLease;
import dev.varve.client.LocalHandover;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.IntConsumer;

/** Values of our server leased in its memory, beside the same values over its port (goal P12). */
public final class HandoverBench {

  private static final double MICROS_GOAL = 2;
  private static final double RATIO_GOAL = 100;
  private static final double MEBIBYTE = 1 << 20;
  private static final double NANOS_PER_MICRO = 1e3;
  private static final String PEER = "GET over the port";
  private static final String UNIT = "us/MiB";

  /**
   * What is measured.
   *
   * @param sizes of values
   * @param leaseBytes of the values that are leased at once, beside one at a time
   * @param dataBytes of all values of a size together
   * @param millis of one measurement
   * @param pairs measurements of each way
   */
  public record Settings(
      List<ByteSize> sizes, long leaseBytes, long dataBytes, int millis, int pairs) {

    public Settings {
      sizes = List.copyOf(sizes);
    }

    /** Parts that {@link HandoverBench#run} tells of. */
    public int parts() {
      return 3 * sizes.size();
    }
  }

  /**
   * What was measured.
   *
   * @param times what a MiB takes
   * @param rates the same as bytes a second, with their ratio
   */
  public record Outcome(List<Finding> times, List<Comparison> rates) {}

  /** One way to have values. */
  private interface Way {
    /** Has some of them; returns their bytes. */
    long once(int round) throws IOException;
  }

  private final Settings settings;
  private final InetSocketAddress port;
  private final LocalHandover local;
  private final List<Finding> times = new ArrayList<>();
  private final List<Comparison> rates = new ArrayList<>();
  private long sum;

  /**
   * @param port where the server listens
   * @param local a client of the same server, closed by the caller
   */
  public HandoverBench(Settings settings, InetSocketAddress port, LocalHandover local) {
    this.settings = settings;
    this.port = port;
    this.local = local;
  }

  /** Measures all of it. */
  public Outcome run(IntConsumer progress) throws IOException {
    int done = 0;
    for (ByteSize size : settings.sizes()) {
      int bytes = Math.toIntExact(size.bytes());
      int keys = Math.toIntExact(Math.max(1, settings.dataBytes() / bytes));
      int together = Math.toIntExact(Math.clamp(settings.leaseBytes() / bytes, 1, keys));
      try (RespProbe probe = new RespProbe(port)) {
        fill(probe, bytes, keys);
        double copied = leaseAll(bytes, keys, together);
        Way get = round -> get(probe, key(bytes, round % keys), bytes);
        String many = "%d of %s a lease".formatted(together, size);
        compare(many, true, round -> lease(bytes, keys, together, round, false), get);
        progress.accept(++done);
        if (together > 1) {
          compare("1 of " + size + " a lease", false, r -> lease(bytes, keys, 1, r, false), get);
        }
        progress.accept(++done);
        compare(many + ", read", false, round -> lease(bytes, keys, together, round, true), get);
        progress.accept(++done);
        times.add(Finding.of(many + ", first time", copied, UNIT));
        probe.ask("FLUSHALL");
      }
    }
    return new Outcome(List.copyOf(times), List.copyOf(rates));
  }

  /** The sum of all words read, so that no read can be left out. */
  public long sum() {
    return sum;
  }

  private static String key(int bytes, int number) {
    return "bench:" + bytes + ":" + number;
  }

  private static void fill(RespProbe probe, int bytes, int keys) throws IOException {
    byte[] random = new byte[bytes];
    new Random(bytes).nextBytes(random);
    ByteBuffer value = ByteBuffer.allocateDirect(bytes).put(random).flip();
    for (int i = 0; i < keys; i++) {
      probe.set(key(bytes, i), value);
    }
  }

  private static long get(RespProbe probe, String key, int bytes) throws IOException {
    probe.get(key, bytes);
    return bytes;
  }

  /** Leases everything once, so that it lies there; microseconds a MiB. */
  private double leaseAll(int bytes, int keys, int together) throws IOException {
    long start = System.nanoTime();
    long moved = 0;
    for (int round = 0; (long) round * together < keys; round++) {
      moved += lease(bytes, keys, together, round, false);
    }
    return micros(System.nanoTime() - start, moved);
  }

  private static double micros(long nanos, long bytes) {
    return nanos / NANOS_PER_MICRO / (bytes / MEBIBYTE);
  }

  private long lease(int bytes, int keys, int together, int round, boolean read)
      throws IOException {
    List<byte[]> names = new ArrayList<>(together);
    for (int i = 0; i < together; i++) {
      int number = (int) (((long) round * together + i) % keys);
      names.add(key(bytes, number).getBytes(StandardCharsets.US_ASCII));
    }
    try (HandoverLease lease =
        local
            .lease(names)
            .orElseThrow(() -> new IOException("nothing was leased, the log says why"))) {
      for (Optional<HandoverLease.Part> each : lease.parts()) {
        MemorySegment value =
            each.orElseThrow(() -> new IOException("a value is not there any more")).bytes();
        sum += read ? add(value) : value.byteSize();
      }
    }
    return (long) together * bytes;
  }

  private static long add(MemorySegment value) {
    long total = 0;
    long words = value.byteSize() / Long.BYTES;
    for (long i = 0; i < words; i++) {
      total += value.getAtIndex(ValueLayout.JAVA_LONG, i);
    }
    return total;
  }

  private void compare(String name, boolean goal, Way ours, Way theirs) throws IOException {
    double[] our = new double[settings.pairs()];
    double[] probed = new double[settings.pairs()];
    for (int pair = 0; pair < settings.pairs(); pair++) {
      if (pair % 2 == 0) {
        our[pair] = measure(ours);
        probed[pair] = measure(theirs);
      } else {
        probed[pair] = measure(theirs);
        our[pair] = measure(ours);
      }
    }
    Finding finding =
        Finding.of(name, Comparison.median(our), UNIT).beside(PEER, Comparison.median(probed));
    times.add(goal ? finding.atMost(MICROS_GOAL) : finding);
    OptionalDouble least = goal ? OptionalDouble.of(RATIO_GOAL) : OptionalDouble.empty();
    rates.add(Comparison.of(new Comparison.Question(name, PEER, least), rates(our), rates(probed)));
  }

  private static double[] rates(double[] micros) {
    double[] rates = new double[micros.length];
    for (int i = 0; i < rates.length; i++) {
      rates[i] = MEBIBYTE * 1e6 / micros[i];
    }
    return rates;
  }

  private double measure(Way way) throws IOException {
    long start = System.nanoTime();
    long end = start + TimeUnit.MILLISECONDS.toNanos(settings.millis());
    long moved = 0;
    for (int round = 0; moved == 0 || System.nanoTime() < end; round++) {
      moved += way.once(round);
    }
    return micros(System.nanoTime() - start, moved);
  }
}

package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.name;
import static dev.varve.sdk.ObjectBench.value;
import static dev.varve.sdk.TenantBench.RED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Threads that write, append, read and delete the same names in tiers that are too small. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class ObjectStressTest {

  private static final int THREADS = 4;
  private static final int STEPS = 250;

  /** Every record begins with its seed and its length, so that any mixture of two shows. */
  private static final int HEADER = Long.BYTES + Integer.BYTES;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();
  private final long seed = new SplittableRandom().nextLong();
  private final LongAdder read = new LongAdder();

  @Test
  void nobodyEverSeesAMixture() throws Exception {
    CacheConfig.Builder config =
        TenantBench.config().hot(20 * 4096).host(3 << 20).ssd(folder, 24 << 20);
    AtomicBoolean running = new AtomicBoolean(true);
    try (KvCache cache = bench.open(config);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS + 1)) {
      Future<Integer> upkeep =
          threads.submit(() -> {
            int rounds = 0;
            do {
              bench.now.addAndGet(50);
              cache.work();
              rounds++;
              Thread.sleep(5);
            } while (running.get());
            return rounds;
          });
      List<Future<?>> workers = new ArrayList<>();
      for (int worker = 0; worker < THREADS; worker++) {
        SplittableRandom random = new SplittableRandom(seed + worker);
        workers.add(threads.submit(() -> run(cache.objects(RED), random)));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      running.set(false);
      assertThat(upkeep.get()).as("seed %d", seed).isPositive();
      assertThat(read.sum()).as("seed %d", seed).isPositive();
      assertThat(cache.objectStats().lost()).as("seed %d", seed).isZero();
    }
    try (KvCache cache = bench.open(config)) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int i = 0; i < 6; i++) {
        check(cache.objects(RED), name("k" + i), random);
      }
    }
  }

  private void run(ObjectSpace space, SplittableRandom random) {
    for (int step = 0; step < STEPS; step++) {
      byte[] name = name("k" + random.nextInt(6));
      switch (random.nextInt(6)) {
        case 0, 1 -> ObjectBench.put(space, name, record(random));
        case 2 -> ObjectBench.append(space, name, record(random));
        case 3 -> space.delete(name);
        default -> check(space, name, random);
      }
    }
  }

  private static byte[] record(SplittableRandom random) {
    long number = random.nextLong();
    byte[] body = value(number, random.nextInt(random.nextBoolean() ? 2000 : 600_000));
    byte[] record = new byte[HEADER + body.length];
    ByteBuffer.wrap(record).putLong(number).putInt(body.length).put(body);
    return record;
  }

  private void check(ObjectSpace space, byte[] name, SplittableRandom random) {
    Optional<ObjectLease> taken = space.lease(name);
    if (taken.isEmpty()) {
      return;
    }
    byte[] bytes;
    try (ObjectLease lease = taken.get()) {
      bytes = new byte[Math.toIntExact(lease.length())];
      for (int at = 0; at < bytes.length; ) {
        int count = Math.min(bytes.length - at, 1 + random.nextInt(700_000));
        assertThat(lease.read(at, ByteBuffer.wrap(bytes, at, count))).as("seed %d", seed).isTrue();
        at += count;
      }
    }
    ByteBuffer left = ByteBuffer.wrap(bytes);
    while (left.hasRemaining()) {
      long number = left.getLong();
      byte[] body = new byte[left.getInt()];
      left.get(body);
      assertThat(Arrays.equals(body, value(number, body.length))).as("seed %d", seed).isTrue();
      read.increment();
    }
  }
}

package dev.varve.sdk;

import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.CHUNK;
import static dev.varve.sdk.TenantBench.RED;
import static dev.varve.sdk.TenantBench.config;
import static dev.varve.sdk.TenantBench.found;
import static dev.varve.sdk.TenantBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErasureRaceTest {

  private static final int WRITERS = 3;
  private static final int ERASURES = 12;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();
  private final AtomicInteger next = new AtomicInteger(1);
  private final AtomicBoolean over = new AtomicBoolean();
  private final Queue<Integer> begun = new ConcurrentLinkedQueue<>();

  @Test
  void whatASessionHeldBeforeAnErasureIsNeverFoundAfterIt() throws Exception {
    CacheConfig.Builder tight = config().hot(120 * 4096).host(20 * CHUNK).ssd(folder, 200 * CHUNK);
    try (KvCache cache = bench.open(tight);
        ExecutorService threads = Executors.newFixedThreadPool(WRITERS)) {
      bench.store(cache, BLUE, text(0, 3));
      List<Future<Integer>> writers = new ArrayList<>();
      for (int i = 0; i < WRITERS; i++) {
        writers.add(threads.submit(() -> write(cache)));
      }
      int checked = 0;
      for (int erasure = 0; erasure < ERASURES; erasure++) {
        Thread.sleep(20);
        List<Integer> before = List.copyOf(begun);
        cache.tenants().erase(RED);
        for (int text : before) {
          assertThat(found(cache, RED, text(text, 3))).as("erasure %d", erasure).isZero();
          checked++;
        }
      }
      over.set(true);
      int written = 0;
      for (Future<Integer> writer : writers) {
        written += writer.get();
      }
      assertThat(checked).isPositive();
      assertThat(written).isPositive();
      cache.tenants().erase(RED);
      cache.tenants().erase(BLUE);
      assertThat(cache.stats().chunks()).isZero();
      assertThat(cache.stats().tier(Tier.HOT).usedBytes()).isZero();
      assertThat(cache.stats().tier(Tier.HOST).usedBytes()).isZero();
      assertThat(cache.stats().tier(Tier.SSD).blocks()).isZero();
    }
    try (KvCache cache = bench.open(config(folder))) {
      assertThat(cache.stats().chunks()).isZero();
    }
  }

  /** Every text but once, in a session that was opened before and goes on for a while. */
  private int write(KvCache cache) {
    int written = 0;
    while (!over.get()) {
      int text = next.getAndIncrement();
      int[] tokens = text(text, 3);
      try (KvSession session = cache.openSession(RED)) {
        bench.run(session, Arrays.copyOf(tokens, 10));
        begun.add(text);
        for (int at = 10; at < tokens.length; at += 43) {
          bench.run(session, Arrays.copyOfRange(tokens, at, Math.min(tokens.length, at + 43)));
          session.endTurn();
        }
        written++;
      }
    }
    return written;
  }
}

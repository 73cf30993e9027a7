package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.get;
import static dev.varve.sdk.ObjectBench.put;
import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tenant;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random operations beside a plain map, with restarts. */
class ObjectModelTest {

  /** What an object should be. */
  private static final class Known {
    private final byte[] value;
    private final long end;

    Known(byte[] value, long end) {
      this.value = value;
      this.end = end;
    }

    byte[] value() {
      return value;
    }

    long end() {
      return end;
    }
  }

  private static final int STEPS = 700;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();
  private final long seed = new SplittableRandom().nextLong();
  private final SplittableRandom random = new SplittableRandom(seed);
  private final Map<Tenant, Map<String, Known>> model = new HashMap<>();

  @Test
  void isAMapAsLongAsThereIsRoom() {
    run(TenantBench.config().hot(20 * 4096).host(8 << 20).ssd(folder, 512 << 20), true);
  }

  @Test
  void isAMapThatForgetsWhereRoomIsScarce() {
    run(TenantBench.config().hot(20 * 4096).host(2 << 20).ssd(folder, 12 << 20), false);
  }

  private void run(CacheConfig.Builder config, boolean roomy) {
    KvCache cache = bench.open(config);
    try {
      for (int step = 0; step < STEPS; step++) {
        if (random.nextInt(80) == 0) {
          cache.close();
          cache = bench.open(config);
        }
        if (random.nextInt(10) == 0) {
          bench.pass(Duration.ofMillis(random.nextInt(700)));
          cache.work();
        }
        step(cache, roomy, "step " + step + ", seed " + seed);
      }
      for (Tenant tenant : model.keySet()) {
        compareAll(cache.objects(tenant), tenant, roomy);
      }
    } finally {
      cache.close();
    }
  }

  private void step(KvCache cache, boolean roomy, String place) {
    Tenant tenant = random.nextBoolean() ? RED : BLUE;
    ObjectSpace space = cache.objects(tenant);
    String key = "name " + random.nextInt(12);
    byte[] name = key.getBytes(StandardCharsets.UTF_8);
    Map<String, Known> known = model.computeIfAbsent(tenant, _ -> new HashMap<>());
    @Nullable Known now = current(known, key);
    if (!roomy && now != null && space.info(name).isEmpty()) {
      known.remove(key);
      now = null;
    }
    switch (random.nextInt(9)) {
      case 0, 1 -> write(space, name, known, key, now, roomy, place);
      case 2, 3 -> append(space, name, known, key, now, roomy, place);
      case 4 -> {
        assertThat(space.delete(name)).as(place).isEqualTo(now != null);
        known.remove(key);
      }
      case 5 -> expire(space, name, known, key, now, roomy, place);
      case 6 -> part(space, name, now, roomy, place);
      default -> compare(space, name, now, roomy, place);
    }
  }

  private @Nullable Known current(Map<String, Known> known, String key) {
    @Nullable Known now = known.get(key);
    return now == null || now.end() <= bench.now.get() ? null : now;
  }

  private void write(
      ObjectSpace space,
      byte[] name,
      Map<String, Known> known,
      String key,
      @Nullable Known now,
      boolean roomy,
      String place) {
    byte[] value = value();
    CommitTerms terms =
        switch (random.nextInt(5)) {
          case 0 -> CommitTerms.PLAIN.ifAbsent();
          case 1 -> CommitTerms.PLAIN.ifPresent();
          case 2 -> CommitTerms.PLAIN.keepingExpiry();
          case 3 -> CommitTerms.PLAIN.expiringAt(bench.now.get() + 1 + random.nextInt(3000));
          default -> CommitTerms.PLAIN;
        };
    switch (put(space, name, value, terms)) {
      case CommitResult.Committed(ObjectInfo info) -> {
        boolean met = terms.precondition().holds(Optional.ofNullable(now).map(_ -> info));
        assertThat(met || (!roomy && now != null)).as(place).isTrue();
        assertThat(info.length()).as(place).isEqualTo(value.length);
        known.put(key, new Known(value, info.expiresAtMillis()));
      }
      case CommitResult.Unmet(Optional<ObjectInfo> found) ->
          assertThat(found.isPresent() ? now != null : now == null || !roomy).as(place).isTrue();
      case CommitResult.Dropped(String reason) ->
          assertThat(roomy).as("%s: %s", place, reason).isFalse();
    }
  }

  private void append(
      ObjectSpace space,
      byte[] name,
      Map<String, Known> known,
      String key,
      @Nullable Known now,
      boolean roomy,
      String place) {
    byte[] more = value();
    byte[] before = now == null ? new byte[0] : now.value();
    switch (ObjectBench.append(space, name, more)) {
      case CommitResult.Committed(ObjectInfo info) -> {
        byte[] value = Arrays.copyOf(before, before.length + more.length);
        System.arraycopy(more, 0, value, before.length, more.length);
        if (!roomy && info.length() == more.length) {
          value = more;
        }
        assertThat(info.length()).as(place).isEqualTo(value.length);
        known.put(key, new Known(value, info.expiresAtMillis()));
      }
      case CommitResult.Unmet _ -> throw new AssertionError(place);
      case CommitResult.Dropped(String reason) ->
          assertThat(roomy).as("%s: %s", place, reason).isFalse();
    }
  }

  private byte[] value() {
    int length =
        switch (random.nextInt(6)) {
          case 0 -> 0;
          case 1 -> random.nextInt(100);
          case 2 -> random.nextInt(10_000);
          case 3 -> random.nextInt(300_000);
          case 4 -> 1 << 20;
          default -> random.nextInt(1_500_000);
        };
    return ObjectBench.value(random.nextLong(), length);
  }

  private void expire(
      ObjectSpace space,
      byte[] name,
      Map<String, Known> known,
      String key,
      @Nullable Known now,
      boolean roomy,
      String place) {
    long end = random.nextBoolean() ? ObjectInfo.NEVER : bench.now.get() + 1 + random.nextInt(2000);
    boolean done = space.expireAt(name, end);
    assertThat(done ? now != null : now == null || !roomy).as(place).isTrue();
    if (done) {
      known.put(key, new Known(Objects.requireNonNull(now).value(), end));
    }
  }

  private void part(
      ObjectSpace space, byte[] name, @Nullable Known now, boolean roomy, String place) {
    Optional<ObjectLease> taken = space.lease(name);
    if (taken.isEmpty() || now == null) {
      assertThat(now == null || !roomy).as(place).isTrue();
      assertThat(now == null).as(place).isEqualTo(taken.isEmpty());
      return;
    }
    try (ObjectLease lease = taken.get()) {
      for (int i = 0; i < 4 && now.value().length > 0; i++) {
        int from = random.nextInt(now.value().length);
        int to = from + random.nextInt(now.value().length - from + 1);
        byte[] part = new byte[to - from];
        assertThat(lease.read(from, MemorySegment.ofArray(part))).as(place).isTrue();
        assertThat(part).as(place).isEqualTo(Arrays.copyOfRange(now.value(), from, to));
      }
    }
  }

  private void compare(
      ObjectSpace space, byte[] name, @Nullable Known now, boolean roomy, String place) {
    Optional<byte[]> found = get(space, name);
    if (now == null) {
      assertThat(found).as(place).isEmpty();
    } else if (roomy || found.isPresent()) {
      assertThat(found).as(place).hasValue(now.value());
    }
  }

  private void compareAll(ObjectSpace space, Tenant tenant, boolean roomy) {
    Map<String, Known> known = model.getOrDefault(tenant, Map.of());
    long bytes = 0;
    for (String key : ObjectBench.names(space)) {
      @Nullable Known now = current(known, key);
      assertThat(now).as("%s, seed %d", key, seed).isNotNull();
      compare(space, ObjectBench.name(key), now, roomy, key + ", seed " + seed);
      bytes += Objects.requireNonNull(now).value().length;
    }
    if (roomy) {
      long live = known.keySet().stream().filter(key -> current(known, key) != null).count();
      assertThat(ObjectBench.names(space)).as("seed %d", seed).hasSize((int) live);
      assertThat(space.bytes()).as("seed %d", seed).isGreaterThanOrEqualTo(bytes);
    }
  }
}

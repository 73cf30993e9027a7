package dev.varve.sdk;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import dev.varve.store.remote.RedisProcess;
import dev.varve.store.remote.RemoteConfig;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

@Tag("server")
@EnabledIf(
    value = "dev.varve.store.remote.RedisProcess#installed",
    disabledReason = "redis-server is not installed")
class SharedObjectsTest {

  private static final byte[] NAME = "model@00000001@0@cafe".getBytes(UTF_8);
  private static final Tenant ANNA = new Tenant(1, 2);

  @TempDir Path folder;
  private RedisProcess redis;
  private KvCache first;
  private KvCache second;

  @BeforeEach
  void start() throws Exception {
    redis = RedisProcess.start(folder);
    first = cache();
    second = cache();
  }

  @AfterEach
  void end() {
    first.close();
    second.close();
    redis.close();
  }

  private KvCache cache() {
    return KvCache.open(
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(64 * 8192)
            .host(64 << 20)
            .remote(
                RemoteConfig.parse(redis.address())
                    .times(Duration.ofSeconds(30), RemoteConfig.DEFAULT_TIME_TO_LIVE))
            .build());
  }

  private static void put(ObjectSpace space, byte[] name, byte[] value) {
    try (ObjectWriter writer = space.write(name)) {
      writer.write(MemorySegment.ofArray(value));
      assertThat(writer.commit().committed()).isTrue();
    }
  }

  private static Optional<byte[]> get(ObjectSpace space, byte[] name) {
    Optional<ObjectLease> lease = space.lease(name);
    if (lease.isEmpty()) {
      return Optional.empty();
    }
    try (ObjectLease held = lease.get()) {
      byte[] value = new byte[(int) held.length()];
      assertThat(held.read(0, MemorySegment.ofArray(value))).isTrue();
      return Optional.of(value);
    }
  }

  @Test
  void whatOneStoresTheOtherReadsWhateverItsLength() {
    Random random = new Random(5);
    for (int length : new int[] {0, 1, 4096, 1 << 20, (1 << 20) + 1, 11_000_003}) {
      byte[] value = new byte[length];
      random.nextBytes(value);
      byte[] name = ("value of " + length).getBytes(UTF_8);
      put(first.objects(), name, value);
      assertThat(second.objects().info(name).orElseThrow().length()).isEqualTo(length);
      assertThat(get(second.objects(), name)).as("%d bytes", length).contains(value);
      assertThat(get(second.objects(ANNA), name)).isEmpty();
    }
  }

  @Test
  void whatIsDeletedOrEndsIsNotFoundThere() throws Exception {
    put(first.objects(), NAME, new byte[100]);
    assertThat(second.objects().delete(NAME)).isTrue();
    assertThat(get(second.objects(), NAME)).isEmpty();
    assertThat(redis.cli("dbsize")).isEqualTo("0");
    try (ObjectWriter writer = first.objects().write(NAME)) {
      writer.write(MemorySegment.ofArray(new byte[10]));
      var _ = writer.commit(CommitTerms.PLAIN.expiringAt(System.currentTimeMillis() + 500));
    }
    TimeUnit.MILLISECONDS.sleep(700);
    assertThat(get(second.objects(), NAME)).isEmpty();
  }

  @Test
  void anAppendAndAnEndAreCopied() {
    put(first.objects(), NAME, "one".getBytes(UTF_8));
    try (ObjectWriter writer = second.objects().append(NAME)) {
      writer.write(MemorySegment.ofArray(" two".getBytes(UTF_8)));
      assertThat(writer.commit().committed()).isTrue();
    }
    long end = System.currentTimeMillis() + 100_000;
    assertThat(second.objects().expireAt(NAME, end)).isTrue();
    try (KvCache third = cache()) {
      assertThat(get(third.objects(), NAME)).contains("one two".getBytes(UTF_8));
      assertThat(third.objects().info(NAME).orElseThrow().expiresAtMillis()).isEqualTo(end);
    }
  }

  @Test
  void foreignBytesAreNotFound() throws Exception {
    put(first.objects(), NAME, new byte[3 << 20]);
    String script =
        "local k=redis.call('keys','*')[1] for _,f in ipairs(redis.call('hkeys',k)) do local"
            + " v=redis.call('hget',k,f) redis.call('hset',k,f,string.sub(v,1,-2)..'X') end return"
            + " 1";
    assertThat(redis.cli("eval", script, "0")).contains("1");
    assertThat(get(second.objects(), NAME)).isEmpty();
    assertThat(second.remoteStats().orElseThrow().damaged()).isPositive();
    assertThat(get(first.objects(), NAME)).contains(new byte[3 << 20]);
  }

  @Test
  void whatCouldNotBeReplacedOrDeletedThereIsNotFoundThroughThisOne() throws Exception {
    put(first.objects(), NAME, "old".getBytes(UTF_8));
    redis.cli("config", "set", "requirepass", "sesame");
    redis.cli("-a", "sesame", "client", "kill", "type", "normal");
    awaitUnreachable();
    assertThat(first.objects().delete(NAME)).isTrue();
    redis.cli("-a", "sesame", "config", "set", "requirepass", "");
    for (int i = 0; i < 600 && !redis.cli("dbsize").equals("0"); i++) {
      assertThat(get(first.objects(), NAME)).isEmpty();
      first.work();
      TimeUnit.MILLISECONDS.sleep(100);
    }
    assertThat(redis.cli("dbsize")).isEqualTo("0");
  }

  private void awaitUnreachable() throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      long before = first.remoteStats().orElseThrow().failures();
      assertThat(first.objects().info("nothing".getBytes(UTF_8))).isEmpty();
      if (first.remoteStats().orElseThrow().failures() > before) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError("it still answers");
  }

  @Test
  void whatIsErasedIsGoneFromThere() throws Exception {
    put(first.objects(ANNA), NAME, new byte[10]);
    put(first.objects(), NAME, new byte[10]);
    second.tenants().erase(ANNA);
    assertThat(redis.cli("dbsize")).isEqualTo("1");
    assertThat(second.objects().deleteAll()).isZero();
    assertThat(redis.cli("dbsize")).isEqualTo("0");
  }

  @Test
  void aServerThatIsGoneIsAMissAndAnErasureSaysSo() throws Exception {
    redis.kill();
    put(first.objects(), NAME, new byte[2 << 20]);
    assertThat(get(first.objects(), NAME)).contains(new byte[2 << 20]);
    assertThat(get(second.objects(), NAME)).isEmpty();
    assertThatThrownBy(() -> first.tenants().erase(ANNA))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("erase again");
  }
}

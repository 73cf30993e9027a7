package dev.varve.store.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockHeader;
import dev.varve.store.BlockKey;
import dev.varve.store.BlockTarget;
import dev.varve.store.ChainKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.EncodedBlock;
import dev.varve.store.ReadOutcome;
import dev.varve.store.StoreException;
import dev.varve.store.Tenant;
import dev.varve.store.TestBlocks;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
class RemoteTierTest {

  private static final int PAYLOAD = 10_000;
  private static final Duration PATIENT = Duration.ofSeconds(30);
  private static final Duration DAY = RemoteConfig.DEFAULT_TIME_TO_LIVE;

  @TempDir Path folder;
  private final Arena arena = Arena.ofShared();
  private RedisProcess redis;
  private RemoteStore store;
  private RemoteTier tier;

  @BeforeEach
  void start() throws IOException, InterruptedException {
    redis = RedisProcess.start(folder);
    store = open(redis.address());
    tier = store.tier();
  }

  @AfterEach
  void end() {
    store.close();
    redis.close();
    arena.close();
  }

  private static RemoteStore open(String address) {
    return RemoteStore.open(
        RemoteConfig.parse(address).times(PATIENT, DAY),
        System::nanoTime,
        System::currentTimeMillis,
        System::nanoTime);
  }

  @Test
  void anotherProcessFindsWhatWasPut() {
    assertThat(tier.put(TestBlocks.blocks(arena, 0, 70, PAYLOAD))).isEqualTo(70);
    try (RemoteStore other = open(redis.address())) {
      List<BlockTarget> wanted = new ArrayList<>();
      for (long number = 0; number < 71; number++) {
        wanted.add(new BlockTarget(TestBlocks.key(number), arena.allocate(PAYLOAD + 7)));
      }
      List<ReadOutcome> outcomes = other.tier().readAll(wanted);
      assertThat(outcomes.getLast()).isEqualTo(new ReadOutcome.Absent());
      for (int i = 0; i < 70; i++) {
        assertThat(outcomes.get(i)).isInstanceOf(ReadOutcome.Found.class);
        assertThat(TestBlocks.matches(wanted.get(i).target().asSlice(0, PAYLOAD), i)).isTrue();
      }
      List<List<BlockKey>> found =
          other
              .tier()
              .find(
                  List.of(
                      TestBlocks.key(0).chunk(),
                      TestBlocks.key(64).chunk(),
                      TestBlocks.key(999).chunk()));
      assertThat(found.get(0)).hasSize(64).contains(TestBlocks.key(63));
      assertThat(found.get(1)).hasSize(6);
      assertThat(found.get(2)).isEmpty();
      assertThat(other.stats().hits()).isEqualTo(70);
      assertThat(other.stats().misses()).isEqualTo(1);
    }
  }

  @Test
  void aBlockIsShownInPlaceForTheCallOnly() {
    EncodedBlock block = TestBlocks.block(arena, 3, PAYLOAD);
    tier.put(List.of(block));
    List<MemorySegment> kept = new ArrayList<>();
    List<BlockHeader> headers = new ArrayList<>();
    tier.with(
        block.header().key(),
        (header, payload) -> {
          headers.add(header);
          assertThat(payload.mismatch(block.payload())).isEqualTo(-1);
          assertThat(payload.isReadOnly()).isTrue();
          kept.add(payload);
        });
    assertThat(headers).containsExactly(block.header());
    assertThatThrownBy(() -> kept.getFirst().mismatch(block.payload()))
        .isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aTargetThatIsTooShortIsRefused() {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    assertThatThrownBy(() -> tier.read(TestBlocks.key(0), arena.allocate(PAYLOAD - 1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("10000");
  }

  @Test
  void whatIsRemovedIsGoneForEverybody() {
    tier.put(TestBlocks.blocks(arena, 0, 4, PAYLOAD));
    assertThat(tier.remove(List.of(TestBlocks.key(1), TestBlocks.key(9), TestBlocks.key(64))))
        .isEqualTo(1);
    assertThat(tier.read(TestBlocks.key(1), arena.allocate(PAYLOAD)))
        .isEqualTo(new ReadOutcome.Absent());
    assertThat(tier.read(TestBlocks.key(2), arena.allocate(PAYLOAD)))
        .isInstanceOf(ReadOutcome.Found.class);
  }

  @Test
  void foreignBytesAreAMissAndCounted() throws Exception {
    tier.put(TestBlocks.blocks(arena, 0, 3, PAYLOAD));
    String chunk =
        new String(RemoteKeys.chunk(TestBlocks.key(0).chunk()), StandardCharsets.US_ASCII);
    redis.cli("eval", setByte(), "1", chunk, "0", "5000");
    redis.cli("eval", setByte(), "1", chunk, "1", "20");
    redis.cli("eval", "redis.call('hset',KEYS[1],'\\0\\2\\0\\0','short') return 1", "1", chunk);
    for (long number = 0; number < 3; number++) {
      assertThat(tier.read(TestBlocks.key(number), arena.allocate(PAYLOAD)))
          .as("block %d", number)
          .isInstanceOf(ReadOutcome.Damaged.class);
    }
    assertThat(store.stats().damaged()).isEqualTo(3);
    redis.cli("eval", "redis.call('hset',KEYS[1],'junk!','x') return 1", "1", chunk);
    assertThat(tier.find(List.of(TestBlocks.key(0).chunk())).getFirst()).hasSize(3);
    redis.cli("del", chunk);
    redis.cli("set", chunk, "no hash");
    assertThat(tier.read(TestBlocks.key(0), arena.allocate(PAYLOAD)))
        .isEqualTo(new ReadOutcome.Absent());
    assertThat(tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isZero();
    assertThat(store.stats().failures()).isPositive();
    assertThat(store.stats().reachable()).isTrue();
  }

  private static String setByte() {
    return "local f='\\0'..string.char(ARGV[1])..'\\0\\0' local v=redis.call('hget',KEYS[1],f)"
               + " local i=tonumber(ARGV[2])"
               + " redis.call('hset',KEYS[1],f,string.sub(v,1,i)..string.char((string.byte(v,i+1)+1)%256)..string.sub(v,i+2))"
               + " return 1";
  }

  @Test
  void aBlockUnderAnothersNameIsNotTaken() throws Exception {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    ChunkKey stored = TestBlocks.key(0).chunk();
    Digest256 chain = stored.chain().digest();
    ChunkKey other =
        new ChunkKey(
            stored.tenant(),
            stored.fingerprint(),
            new ChainKey(
                new Digest256(chain.first(), chain.second(), chain.third(), ~chain.fourth())));
    BlockKey wanted = other.block(0, TestBlocks.key(0).encoding());
    assertThat(tier.read(wanted, arena.allocate(PAYLOAD))).isEqualTo(new ReadOutcome.Absent());
  }

  @Test
  void whatIsStoredEnds() throws Exception {
    tier.put(TestBlocks.blocks(arena, 0, 1, PAYLOAD));
    String chunk =
        new String(RemoteKeys.chunk(TestBlocks.key(0).chunk()), StandardCharsets.US_ASCII);
    assertThat(Long.parseLong(redis.cli("pttl", chunk))).isBetween(1L, DAY.toMillis());
  }

  @Test
  void aTenantIsErasedWhoeverStoredIt() throws Exception {
    tier.put(TestBlocks.blocks(arena, 0, 200, 100));
    ChunkKey mine = TestBlocks.key(0).chunk();
    ChunkKey others = new ChunkKey(new Tenant(9, 9), mine.fingerprint(), mine.chain());
    BlockKey kept = others.block(0, TestBlocks.key(0).encoding());
    tier.put(List.of(TestBlocks.of(kept, 5, arena, 100)));
    try (RemoteStore another = open(redis.address())) {
      assertThat(another.eraseTenant(mine.tenant())).isEqualTo(4);
      assertThat(another.tier().read(TestBlocks.key(150), arena.allocate(100)))
          .isEqualTo(new ReadOutcome.Absent());
      assertThat(another.tier().read(kept, arena.allocate(100)))
          .isInstanceOf(ReadOutcome.Found.class);
      assertThat(another.eraseModel(mine.fingerprint())).isEqualTo(1);
      assertThat(redis.cli("dbsize")).isEqualTo("0");
    }
  }

  @Test
  void passwordsAreUsed() throws Exception {
    redis.cli("config", "set", "requirepass", "sesame");
    try (RemoteStore without = open(redis.address());
        RemoteStore with = open("redis://:sesame@127.0.0.1:" + redis.port())) {
      assertThat(without.tier().put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isZero();
      assertThat(without.stats().failures()).isEqualTo(1);
      assertThat(with.tier().put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isEqualTo(1);
    }
  }

  @Test
  void aServerThatIsGoneIsAMissAndSparedUntilItIsBack() throws Exception {
    try (RemoteStore hasty =
        RemoteStore.open(
            RemoteConfig.parse(redis.address()).times(Duration.ofSeconds(2), DAY),
            System::nanoTime,
            System::currentTimeMillis,
            System::nanoTime)) {
      assertThat(hasty.tier().put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isEqualTo(1);
      redis.kill();
      MemorySegment target = arena.allocate(PAYLOAD);
      for (int i = 0; i < 10; i++) {
        assertThat(hasty.tier().read(TestBlocks.key(0), target))
            .isEqualTo(new ReadOutcome.Absent());
      }
      assertThat(hasty.tier().put(TestBlocks.blocks(arena, 1, 2, PAYLOAD))).isZero();
      assertThat(hasty.tier().find(List.of(TestBlocks.key(0).chunk())).getFirst()).isEmpty();
      assertThat(hasty.tier().remove(List.of(TestBlocks.key(0)))).isZero();
      assertThat(hasty.stats().spared()).isPositive();
      assertThat(hasty.stats().reachable()).isFalse();
      assertThatThrownBy(() -> hasty.eraseTenant(Tenant.NONE))
          .isInstanceOf(StoreException.class)
          .hasMessageContaining("not erased");
      redis.restart();
      awaitPut(hasty.tier(), 2);
      assertThat(hasty.tier().read(TestBlocks.key(2), target))
          .isInstanceOf(ReadOutcome.Found.class);
    }
  }

  private void awaitPut(RemoteTier back, long number) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      if (back.put(TestBlocks.blocks(arena, number, number + 1, PAYLOAD)) == 1) {
        return;
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("the server is back and is not asked");
  }

  @Test
  void aServerThatNeverWasThereIsAMiss() throws Exception {
    try (RemoteStore nobody = open("redis://127.0.0.1:" + RedisProcess.freePort())) {
      assertThat(nobody.tier().put(TestBlocks.blocks(arena, 0, 1, PAYLOAD))).isZero();
      assertThat(nobody.tier().read(TestBlocks.key(0), arena.allocate(PAYLOAD)))
          .isEqualTo(new ReadOutcome.Absent());
    }
  }

  @Test
  void cutsDelaysAndSlowLinksAreMissesAndPass() throws Exception {
    tier.put(TestBlocks.blocks(arena, 0, 2, PAYLOAD));
    try (TcpProxy proxy = new TcpProxy(redis.port());
        RemoteStore far =
            RemoteStore.open(
                RemoteConfig.parse(proxy.address()).times(Duration.ofMillis(700), DAY),
                System::nanoTime,
                System::currentTimeMillis,
                System::nanoTime)) {
      MemorySegment target = arena.allocate(PAYLOAD);
      awaitFound(far.tier(), target);
      proxy.hold(true);
      assertThat(far.tier().read(TestBlocks.key(0), target)).isEqualTo(new ReadOutcome.Absent());
      proxy.hold(false);
      awaitFound(far.tier(), target);
      proxy.cut(true);
      assertThat(far.tier().read(TestBlocks.key(0), target)).isEqualTo(new ReadOutcome.Absent());
      proxy.cut(false);
      awaitFound(far.tier(), target);
      proxy.bytesPerSecond(100);
      assertThat(far.tier().read(TestBlocks.key(0), target)).isEqualTo(new ReadOutcome.Absent());
      assertThat(far.stats().damaged()).isZero();
      assertThat(far.stats().failures()).isPositive();
    }
  }

  private static void awaitFound(RemoteTier far, MemorySegment target) throws InterruptedException {
    for (int i = 0; i < 600; i++) {
      ReadOutcome outcome = far.read(TestBlocks.key(0), target);
      if (outcome instanceof ReadOutcome.Found) {
        assertThat(TestBlocks.matches(target, 0)).isTrue();
        return;
      }
      assertThat(outcome).isEqualTo(new ReadOutcome.Absent());
      TimeUnit.MILLISECONDS.sleep(100);
    }
    throw new AssertionError("the link is whole and nothing is found");
  }
}

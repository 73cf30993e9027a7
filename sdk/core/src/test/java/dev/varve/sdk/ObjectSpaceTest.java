package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.append;
import static dev.varve.sdk.ObjectBench.get;
import static dev.varve.sdk.ObjectBench.name;
import static dev.varve.sdk.ObjectBench.names;
import static dev.varve.sdk.ObjectBench.put;
import static dev.varve.sdk.ObjectBench.read;
import static dev.varve.sdk.ObjectBench.value;
import static dev.varve.sdk.TenantBench.BLUE;
import static dev.varve.sdk.TenantBench.RED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Tier;
import dev.varve.store.object.CommitResult;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectLease;
import dev.varve.store.object.ObjectSpace;
import dev.varve.store.object.ObjectWriter;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectSpaceTest {

  private static final int MIB = 1 << 20;

  @TempDir Path folder;
  private final TenantBench bench = new TenantBench();

  private KvCache open() {
    return bench.open(TenantBench.config().hot(20 * 4096).host(32 << 20).ssd(folder, 128 << 20));
  }

  @Test
  void givesBackWhatWasWrittenByAnyRange() {
    byte[] value = value(1, 3 * MIB + 77);
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects(RED);
      assertThat(put(space, name("a"), value).committed()).isTrue();
      assertThat(get(space, name("a"))).hasValue(value);
      ObjectLease lease = space.lease(name("a")).orElseThrow();
      try (lease) {
        for (int[] range : new int[][] {{0, 10}, {MIB - 5, 10}, {17, 2 * MIB}, {3 * MIB, 77}}) {
          byte[] part = new byte[range[1]];
          assertThat(lease.read(range[0], ByteBuffer.wrap(part))).isTrue();
          assertThat(part).isEqualTo(Arrays.copyOfRange(value, range[0], range[0] + range[1]));
        }
        assertThat(lease.read(value.length, MemorySegment.NULL)).isTrue();
        assertThatThrownBy(() -> lease.read(value.length - 1, ByteBuffer.allocate(2)))
            .isInstanceOf(IndexOutOfBoundsException.class);
      }
      assertThatThrownBy(() -> lease.read(0, ByteBuffer.allocate(1)))
          .hasMessageContaining("has ended");
      assertThat(space.bytes()).isEqualTo(value.length);
    }
    try (KvCache cache = open()) {
      assertThat(get(cache.objects(RED), name("a"))).as("after a restart").hasValue(value);
      assertThat(get(cache.objects(BLUE), name("a"))).as("of another tenant").isEmpty();
    }
  }

  @Test
  void whatIsReadFromTheSsdIsReadFromMemoryTheNextTime() {
    byte[] value = value(1, MIB + 500);
    try (KvCache cache = open()) {
      put(cache.objects(), name("a"), value);
      assertThat(get(cache.objects(), name("a"))).hasValue(value);
      assertThat(cache.stats().tier(Tier.SSD).reads()).as("it was copied when written").isZero();
    }
    try (KvCache cache = open()) {
      long before = cache.stats().tier(Tier.SSD).reads();
      assertThat(get(cache.objects(), name("a"))).hasValue(value);
      assertThat(cache.stats().tier(Tier.SSD).reads() - before).isEqualTo(2);
      assertThat(get(cache.objects(), name("a"))).hasValue(value);
      assertThat(cache.stats().tier(Tier.SSD).reads() - before).isEqualTo(2);
      assertThat(cache.stats().tier(Tier.HOST).reads()).isEqualTo(2);
    }
  }

  @Test
  void readsWithoutWaitingWhatLiesInMemory() {
    byte[] value = value(1, 2 * MIB + 500);
    try (KvCache cache = open();
        Arena arena = Arena.ofConfined()) {
      ObjectSpace space = cache.objects(RED);
      put(space, name("a"), value);
      MemorySegment target = arena.allocate(value.length);
      assertThat(space.readNow(name("a"), _ -> Optional.of(target))).isTrue();
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(value);
      assertThat(space.readNow(name("a"), _ -> Optional.empty())).as("no memory").isFalse();
      assertThat(space.readNow(name("b"), _ -> Optional.of(target))).as("no object").isFalse();
      assertThat(cache.objects(BLUE).readNow(name("a"), _ -> Optional.of(target)))
          .as("of another tenant")
          .isFalse();
      assertThat(space.delete(name("a"))).isTrue();
      assertThat(space.readNow(name("a"), _ -> Optional.of(target))).as("deleted").isFalse();
      put(space, name("a"), value);
    }
    try (KvCache cache = open();
        Arena arena = Arena.ofConfined()) {
      ObjectSpace space = cache.objects(RED);
      MemorySegment target = arena.allocate(value.length);
      assertThat(space.readNow(name("a"), _ -> Optional.of(target))).as("on the SSD").isFalse();
      assertThat(get(space, name("a"))).hasValue(value);
      assertThat(space.readNow(name("a"), _ -> Optional.of(target))).isTrue();
      assertThat(target.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(value);
    }
  }

  @Test
  void takesNativeMemoryInPiecesOfAnyLength() {
    byte[] value = value(2, 11 * MIB + 4096);
    try (KvCache cache = open();
        Arena arena = Arena.ofConfined();
        ObjectWriter writer = cache.objects().write(name("n"))) {
      MemorySegment bytes = arena.allocate(value.length, 4096);
      bytes.copyFrom(MemorySegment.ofArray(value));
      writer.write(bytes.asSlice(0, 10 * MIB));
      writer.write(bytes.asSlice(10 * MIB, 5));
      writer.write(bytes.asSlice(10 * MIB + 5));
      assertThat(writer.length()).isEqualTo(value.length);
      assertThat(writer.commit().committed()).isTrue();
      assertThat(get(cache.objects(), name("n"))).hasValue(value);
      assertThatThrownBy(() -> writer.write(bytes)).hasMessageContaining("has ended");
    }
  }

  @Test
  void namesMayHoldAnyBytesUpToTheirLimit() {
    byte[] nul = {0, 'a', 0, (byte) 0xff, '\n', 0};
    byte[] longest = value(3, ObjectSpace.MAX_NAME_BYTES);
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      put(space, nul, name("1"));
      put(space, new byte[0], name("2"));
      put(space, longest, name("3"));
      assertThatThrownBy(() -> space.info(new byte[MIB]))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("1048576 bytes, at most 65536");
    }
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      assertThat(get(space, nul)).hasValue(name("1"));
      assertThat(get(space, new byte[0])).hasValue(name("2"));
      assertThat(get(space, longest)).hasValue(name("3"));
      assertThat(space.scan(0, 9).names()).contains(nul, new byte[0], longest);
    }
  }

  @Test
  void anObjectMayBeEmpty() {
    try (KvCache cache = open()) {
      put(cache.objects(), name("empty"), new byte[0]);
    }
    try (KvCache cache = open()) {
      assertThat(get(cache.objects(), name("empty"))).hasValue(new byte[0]);
      assertThat(append(cache.objects(), name("empty"), new byte[0]).committed()).isTrue();
      assertThat(cache.objects().info(name("empty")).orElseThrow().length()).isZero();
    }
  }

  @Test
  void nobodySeesAnObjectBeforeItIsCommittedAndAClosedWriterLeavesNothing() {
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      long before = cache.stats().chunks();
      try (ObjectWriter writer = space.write(name("a"))) {
        writer.write(ByteBuffer.wrap(value(1, 2 * MIB)));
        assertThat(space.info(name("a"))).isEmpty();
      }
      assertThat(space.lease(name("a"))).isEmpty();
      assertThat(cache.stats().chunks()).isEqualTo(before);
      assertThat(cache.objectStats().misses()).isEqualTo(1);
    }
  }

  @Test
  void whoHoldsALeaseReadsOnWhileOthersReplaceAndDelete() {
    byte[] first = value(1, 2 * MIB + 9);
    byte[] second = value(2, 100);
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      put(space, name("a"), first);
      try (ObjectLease lease = space.lease(name("a")).orElseThrow()) {
        put(space, name("a"), second);
        assertThat(get(space, name("a"))).hasValue(second);
        try (ObjectLease other = space.lease(name("a")).orElseThrow()) {
          assertThat(space.delete(name("a"))).isTrue();
          assertThat(get(space, name("a"))).isEmpty();
          assertThat(read(other)).hasValue(second);
        }
        assertThat(read(lease)).hasValue(first);
      }
      bench.pass(Duration.ofSeconds(2));
      cache.work();
      assertThat(cache.stats().chunks()).as("all pieces are gone").isZero();
    }
    try (KvCache cache = open()) {
      assertThat(cache.objects().count()).isZero();
    }
  }

  @Test
  void appendsToWhatIsThereWithoutWritingItAgain() {
    byte[] value = value(1, 5 * MIB + 300);
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      assertThat(append(space, name("a"), Arrays.copyOf(value, 3 * MIB)).committed()).isTrue();
      long written = cache.stats().tier(Tier.SSD).encoded().writtenBytes();
      append(space, name("a"), Arrays.copyOfRange(value, 3 * MIB, 3 * MIB + 100));
      append(space, name("a"), Arrays.copyOfRange(value, 3 * MIB + 100, 3 * MIB + 200));
      append(space, name("a"), Arrays.copyOfRange(value, 3 * MIB + 200, 3 * MIB + 300));
      long more = cache.stats().tier(Tier.SSD).encoded().writtenBytes() - written;
      assertThat(more).as("bytes written by small appends").isLessThan(2000);
      append(space, name("a"), Arrays.copyOfRange(value, 3 * MIB + 300, value.length));
      assertThat(get(space, name("a"))).hasValue(value);
    }
    try (KvCache cache = open()) {
      assertThat(get(cache.objects(), name("a"))).hasValue(value);
    }
  }

  @Test
  void manySmallAppendsMakeFewPieces() {
    byte[] value = value(1, 1000 * 37);
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      for (int i = 0; i < 1000; i++) {
        append(space, name("log"), Arrays.copyOfRange(value, i * 37, (i + 1) * 37));
      }
      assertThat(get(space, name("log"))).hasValue(value);
      bench.pass(Duration.ofSeconds(2));
      cache.work();
      assertThat(cache.stats().chunks()).isLessThan(20);
    }
  }

  @Test
  void aCommitMayAskForWhatIsThere() {
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      assertThat(put(space, name("a"), name("1"), CommitTerms.PLAIN.ifPresent()))
          .isEqualTo(new CommitResult.Unmet(Optional.empty()));
      CommitResult first = put(space, name("a"), name("2"), CommitTerms.PLAIN.ifAbsent());
      ObjectInfo info = ((CommitResult.Committed) first).info();
      assertThat(put(space, name("a"), name("3"), CommitTerms.PLAIN.ifAbsent()))
          .isEqualTo(new CommitResult.Unmet(Optional.of(info)));
      assertThat(put(space, name("a"), name("4"), CommitTerms.PLAIN.ifVersion(info.version())))
          .isInstanceOf(CommitResult.Committed.class);
      assertThat(put(space, name("a"), name("5"), CommitTerms.PLAIN.ifVersion(info.version())))
          .isInstanceOf(CommitResult.Unmet.class);
      assertThat(space.delete(name("a"), info.version())).isFalse();
      assertThat(get(space, name("a"))).hasValue(name("4"));
      assertThat(space.delete(name("a"), space.info(name("a")).orElseThrow().version())).isTrue();
    }
  }

  @Test
  void anObjectEndsAtItsMomentAlsoAfterARestart() {
    long end = bench.now.get() + 1000;
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      put(space, name("timed"), name("1"), CommitTerms.PLAIN.expiringAt(end));
      put(space, name("kept"), name("2"));
      put(space, name("later"), name("3"));
      assertThat(space.expireAt(name("later"), end)).isTrue();
      assertThat(space.expireAt(name("none"), end)).isFalse();
      put(space, name("endless"), name("4"), CommitTerms.PLAIN.expiringAt(end));
      assertThat(space.expireAt(name("endless"), ObjectInfo.NEVER)).isTrue();
      put(space, name("timed"), name("5"), CommitTerms.PLAIN.keepingExpiry());
      append(space, name("later"), name("3"));
      assertThat(space.info(name("timed")).orElseThrow().expiresAtMillis()).isEqualTo(end);
      assertThatThrownBy(() -> space.expireAt(name("kept"), bench.now.get()))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("2023-11-14T22:13:20Z is past");
    }
    bench.pass(Duration.ofMillis(999));
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      assertThat(get(space, name("timed"))).hasValue(name("5"));
      bench.pass(Duration.ofMillis(1));
      assertThat(get(space, name("timed"))).isEmpty();
      assertThat(space.info(name("later"))).as("an append changes no end").isEmpty();
      assertThat(space.delete(name("timed"))).isFalse();
      assertThat(names(space)).containsExactlyInAnyOrder("kept", "endless");
      cache.work();
      assertThat(space.count()).isEqualTo(2);
      assertThat(cache.objectStats().expired()).isEqualTo(2);
      assertThat(put(space, name("timed"), name("6"), CommitTerms.PLAIN.ifAbsent()).committed())
          .isTrue();
    }
  }

  @Test
  void namesOfAGroupDieTogether() {
    CommitTerms pair = CommitTerms.PLAIN.inGroup(name("pair"));
    try (KvCache cache = open()) {
      put(cache.objects(), name("a.metadata"), name("1"), pair);
      put(cache.objects(), name("a.kv_bytes"), name("2"), pair);
      put(cache.objects(), name("other"), name("3"));
      put(cache.objects(), name("a.kv_bytes"), name("4"), pair);
      assertThat(names(cache.objects())).as("replacing is no death").hasSize(3);
    }
    try (KvCache cache = open()) {
      assertThat(cache.objects().delete(name("a.metadata"))).isTrue();
      assertThat(names(cache.objects())).containsExactly("other");
    }
  }

  @Test
  void aScanSeesWhatStaysAndNothingTwice() {
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      for (int i = 0; i < 50; i++) {
        put(space, name("k" + i), name("v" + i));
      }
      assertThat(names(space)).hasSize(50);
      var page = space.scan(0, 20);
      for (int i = 0; i < 50; i += 2) {
        space.delete(name("k" + i));
        put(space, name("new" + i), name("v"));
      }
      var seen = new HashSet<String>();
      page.names().forEach(each -> seen.add(new String(each, StandardCharsets.UTF_8)));
      for (long cursor = page.cursor(); cursor != 0; cursor = page.cursor()) {
        page = space.scan(cursor, 20);
        page.names().forEach(each -> seen.add(new String(each, StandardCharsets.UTF_8)));
      }
      for (int i = 1; i < 50; i += 2) {
        assertThat(seen).contains("k" + i);
      }
      assertThat(space.deleteAll()).isEqualTo(50);
      assertThat(space.count()).isZero();
      assertThatThrownBy(() -> space.scan(0, 0)).hasMessageContaining("names of a page");
    }
  }

  @Test
  void erasingATenantErasesItsObjects() {
    try (KvCache cache = open()) {
      put(cache.objects(RED), name("a"), value(1, MIB + 1));
      put(cache.objects(RED), name("a"), value(2, MIB + 1));
      put(cache.objects(BLUE), name("a"), value(3, 10));
      try (ObjectLease lease = cache.objects(RED).lease(name("a")).orElseThrow();
          ObjectWriter writer = cache.objects(RED).write(name("b"))) {
        writer.write(ByteBuffer.wrap(value(4, MIB + 1)));
        cache.tenants().erase(RED);
        assertThat(cache.objects(RED).info(name("a"))).isEmpty();
        assertThat(read(lease)).as("who reads goes on").hasValue(value(2, MIB + 1));
        assertThat(writer.commit()).isInstanceOf(CommitResult.Dropped.class);
      }
      assertThat(get(cache.objects(BLUE), name("a"))).hasValue(value(3, 10));
    }
    try (KvCache cache = open()) {
      assertThat(cache.objects(RED).count()).isZero();
      assertThat(cache.objects(BLUE).count()).isEqualTo(1);
      assertThat(cache.tenants().usage(RED).ssd().blocks()).isZero();
    }
  }

  @Test
  void aTenantsTimeToLiveHoldsForItsObjectsToo() {
    var config =
        TenantBench.config(folder).tenancy(TenantBench.times(Duration.ofMinutes(1), Map.of()));
    try (KvCache cache = bench.open(config)) {
      put(cache.objects(RED), name("a"), name("1"));
      bench.pass(Duration.ofSeconds(59));
      assertThat(get(cache.objects(RED), name("a"))).hasValue(name("1"));
      bench.pass(Duration.ofSeconds(1));
      assertThat(get(cache.objects(RED), name("a"))).isEmpty();
      cache.work();
      assertThat(cache.objects(RED).count()).isZero();
    }
  }

  @Test
  void objectsNeedATierBelowTheHotOneAndAnOpenCache() {
    try (KvCache cache = bench.open(TenantBench.config())) {
      assertThatThrownBy(cache::objects)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("configure a host or SSD tier");
    }
    KvCache cache = open();
    ObjectSpace space = cache.objects();
    cache.close();
    assertThatThrownBy(() -> space.info(name("a"))).hasMessageContaining("closed");
  }
}

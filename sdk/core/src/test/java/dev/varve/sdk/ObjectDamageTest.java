package dev.varve.sdk;

import static dev.varve.sdk.ObjectBench.get;
import static dev.varve.sdk.ObjectBench.name;
import static dev.varve.sdk.ObjectBench.put;
import static dev.varve.sdk.ObjectBench.value;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tier;
import dev.varve.store.object.CommitTerms;
import dev.varve.store.object.ObjectSpace;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ObjectDamageTest {

  private static final int OBJECTS = 6;

  @TempDir Path folder;

  private KvCache open() {
    return KvCache.open(TenantBench.config().hot(20 * 4096).ssd(folder, 64 << 20).build());
  }

  @RepeatedTest(8)
  void aFlippedByteCostsOneObjectAtMostAndNeverChangesOne() throws IOException {
    try (KvCache cache = open()) {
      for (int i = 0; i < OBJECTS; i++) {
        put(cache.objects(), name("k" + i), value(i, 10 + i * 300_000));
      }
    }
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    Path segment = segment();
    long at = random.nextLong(Files.size(segment));
    flip(segment, at);
    int lost = 0;
    try (KvCache cache = open()) {
      for (int i = 0; i < OBJECTS; i++) {
        Optional<byte[]> found = get(cache.objects(), name("k" + i));
        if (found.isPresent()) {
          assertThat(found.get()).as("seed %d", seed).isEqualTo(value(i, 10 + i * 300_000));
        } else {
          assertThat(cache.objects().info(name("k" + i))).as("seed %d", seed).isEmpty();
          lost++;
        }
      }
      assertThat(lost).as("seed %d, byte %d", seed, at).isLessThanOrEqualTo(1);
      if (lost > 0) {
        assertThat(cache.stats().tier(Tier.SSD).damaged()).as("seed %d", seed).isPositive();
      }
    }
    try (KvCache cache = open()) {
      assertThat(cache.objects().count()).as("seed %d", seed).isEqualTo(OBJECTS - lost);
      assertThat(cache.stats().tier(Tier.SSD).damaged()).as("healed").isZero();
    }
  }

  @Test
  void aDamagedExtentIsAMissThatIsCountedAndTakesItsGroupAlong() throws IOException {
    byte[] value = value(1, 2_500_000);
    CommitTerms pair = CommitTerms.PLAIN.inGroup(name("pair"));
    try (KvCache cache = open()) {
      put(cache.objects(), name("a.kv"), value, pair);
      put(cache.objects(), name("a.meta"), name("shape"), pair);
    }
    Path segment = segment();
    flip(segment, placeOf(segment, value, 2_000_000));
    try (KvCache cache = open()) {
      ObjectSpace space = cache.objects();
      assertThat(space.info(name("a.kv"))).as("nobody has read it yet").isPresent();
      var lease = space.lease(name("a.kv")).orElseThrow();
      try (lease) {
        ByteBuffer part = ByteBuffer.allocate(1000);
        assertThat(lease.read(0, part)).as("in a sound extent").isTrue();
        assertThat(lease.read(2_000_000, part)).isFalse();
      }
      assertThat(space.info(name("a.kv"))).isEmpty();
      assertThat(space.info(name("a.meta"))).isEmpty();
      assertThat(cache.objectStats().lost()).isEqualTo(2);
      assertThat(cache.stats().tier(Tier.SSD).damaged()).isEqualTo(1);
    }
  }

  /** Where the segment holds a piece of {@code value} from {@code from} on. */
  private static long placeOf(Path segment, byte[] value, int from) throws IOException {
    byte[] file = Files.readAllBytes(segment);
    for (int at = 0; at + 64 <= file.length; at++) {
      int same = 0;
      while (same < 64 && file[at + same] == value[from + same]) {
        same++;
      }
      if (same == 64) {
        return at;
      }
    }
    throw new AssertionError("the segment does not hold the value");
  }

  private Path segment() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("segments"))) {
      return files.filter(each -> each.toString().endsWith(".segment")).findFirst().orElseThrow();
    }
  }

  private static void flip(Path segment, long at) throws IOException {
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      file.read(one, at);
      one.put(0, (byte) (one.get(0) ^ 0x10)).flip();
      file.write(one, at);
    }
  }
}

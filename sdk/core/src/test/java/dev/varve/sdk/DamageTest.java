package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.RepetitionInfo;
import org.junit.jupiter.api.io.TempDir;

class DamageTest {

  private static final int[] TEXT = SyntheticEngine.tokens(11, 200);

  @TempDir Path folder;

  @RepeatedTest(10)
  void aFlippedByteInTheStoreShortensTheMatchAndNeverChangesAResult(RepetitionInfo repetition)
      throws IOException {
    SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);
    CacheConfig config =
        CacheConfig.of(Shapes.PLAIN, "model")
            .blockTokens(32)
            .hot(60 * 8192)
            .ssd(folder, 64 << 20)
            .build();
    float[][] expected;
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      expected = engine.run(session, TEXT, 64);
    }
    long seed = 1000L + repetition.getCurrentRepetition();
    long at = flipOneByte(new SplittableRandom(seed));
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      int reused = session.reuse(TEXT);
      assertThat(reused).isLessThanOrEqualTo(192);
      if (reused < 192) {
        assertThat(cache.stats().tier(Tier.SSD).damaged()).isPositive();
      }
      int[] rest = Arrays.copyOfRange(TEXT, reused, TEXT.length);
      assertThat(engine.run(session, rest, 64))
          .as("byte %d flipped, seed %d, %d tokens reused", at, seed, reused)
          .isDeepEqualTo(expected);
    }
    try (KvCache cache = KvCache.open(config);
        KvSession session = cache.openSession()) {
      assertThat(session.reuse(TEXT)).as("healed by the run before").isEqualTo(192);
      assertThat(cache.stats().tier(Tier.SSD).damaged()).isZero();
    }
  }

  private long flipOneByte(SplittableRandom random) throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.walk(folder.resolve("segments"))) {
      segments = files.filter(Files::isRegularFile).toList();
    }
    Path segment = segments.get(random.nextInt(segments.size()));
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      long at = random.nextLong(file.size());
      ByteBuffer one = ByteBuffer.allocate(1);
      file.read(one, at);
      one.put(0, (byte) (one.get(0) ^ (1 << random.nextInt(8)))).flip();
      file.write(one, at);
      return at;
    }
  }
}

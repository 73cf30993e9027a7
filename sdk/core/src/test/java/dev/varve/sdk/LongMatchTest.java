package dev.varve.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Tenant;
import dev.varve.store.Tier;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A prompt whose blocks lie on SSD and are many times what HOT holds. */
class LongMatchTest {

  private static final int SPAN = 32;
  private static final int[] TEXT = SyntheticEngine.tokens(5, 60 * SPAN);
  private static final int HOT_SLOTS = 24;

  private final SyntheticEngine engine = new SyntheticEngine(Shapes.PLAIN);

  @TempDir Path folder;

  @BeforeEach
  void storeTheText() {
    try (KvCache cache = KvCache.open(config())) {
      List<LayerTensors> layers = new ArrayList<>();
      for (int layer = 0; layer < Shapes.PLAIN.layerCount(); layer++) {
        layers.add(new LayerTensors(engine.keys(layer, TEXT, 0), engine.values(layer, TEXT, 0)));
      }
      assertThat(cache.store(Tenant.NONE, TEXT, layers)).isEqualTo(TEXT.length);
    }
  }

  @Test
  void isMatchedWholeAndLeavesHalfOfHotToOthers() {
    try (KvCache cache = KvCache.open(config());
        PrefixMatch match = cache.match(TEXT)) {
      assertThat(match.tokens()).isEqualTo(TEXT.length);
      assertThat(cache.stats().tier(Tier.HOT).blocks()).isBetween(1L, HOT_SLOTS / 2L);
      float[] keys = new float[TEXT.length * 2 * 16];
      float[] values = new float[TEXT.length * 2 * 16];
      LayerTensors target =
          new LayerTensors(
              EngineTensor.of(keys, TEXT.length, 2, 16),
              EngineTensor.of(values, TEXT.length, 2, 16));
      assertThat(match.load(2, 0, TEXT.length, target))
          .isEqualTo(new LoadResult.Complete(TEXT.length));
      int last = TEXT.length - 1;
      assertThat(keys[last * 32 + 17])
          .isEqualTo(SyntheticEngine.element(1, 2, TEXT[last], last, 1, 1, 2));
    }
  }

  @Test
  void endsBeforeADamagedBlockThatWouldNotHaveBecomeHot() throws IOException {
    damageTheMiddleOfEverySegment();
    try (KvCache cache = KvCache.open(config());
        PrefixMatch match = cache.match(TEXT)) {
      assertThat(match.tokens()).isLessThan(TEXT.length);
      assertThat(cache.stats().tier(Tier.SSD).damaged()).isPositive();
    }
  }

  private void damageTheMiddleOfEverySegment() throws IOException {
    List<Path> segments;
    try (Stream<Path> files = Files.walk(folder.resolve("segments"))) {
      segments = files.filter(Files::isRegularFile).toList();
    }
    for (Path segment : segments) {
      try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
        file.seek(file.length() / 2);
        file.write(new byte[8192]);
      }
    }
  }

  private CacheConfig config() {
    return CacheConfig.of(Shapes.PLAIN, "model")
        .blockTokens(SPAN)
        .hot(HOT_SLOTS * 4096L)
        .ssd(folder, 16 << 20)
        .build();
  }
}

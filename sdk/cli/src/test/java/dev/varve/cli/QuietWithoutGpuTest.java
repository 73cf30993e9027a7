package dev.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.GpuConfig;
import dev.varve.sdk.KvCache;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.StoreException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of a GPU that is not there. */
class QuietWithoutGpuTest {
  private final Logger log = (Logger) LoggerFactory.getLogger("dev.varve.sdk.internal.HotMemory");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
    log.setLevel(Level.DEBUG);
    log.setAdditive(false);
  }

  @AfterEach
  void leave() {
    log.detachAppender(lines);
    log.setAdditive(true);
    log.setLevel(null);
  }

  private List<Level> levels(GpuConfig.Need need) {
    lines.list.clear();
    LayerShape layer = LayerShape.grouped(2, 1, 64, RopeSpec.none());
    GpuConfig missing =
        new GpuConfig(
            number -> {
              throw new StoreException("no GPU can be used: none here");
            },
            0,
            0,
            need,
            true);
    CacheConfig config =
        CacheConfig.of(new ModelShape(List.of(layer), Dtype.F16), "m")
            .hot(4 << 20)
            .gpu(missing)
            .build();
    KvCache.open(config).close();
    return lines.list.stream().map(ILoggingEvent::getLevel).toList();
  }

  @Test
  void staysBelowInfoForAGpuThatNobodyAskedFor() {
    assertThat(levels(GpuConfig.Need.WELCOME)).containsExactly(Level.DEBUG);
  }

  @Test
  void warnsOfAGpuThatWasWanted() {
    assertThat(levels(GpuConfig.Need.WANTED)).containsExactly(Level.WARN);
  }
}

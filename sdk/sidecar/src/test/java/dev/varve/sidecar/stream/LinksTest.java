package dev.varve.sidecar.stream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class LinksTest {

  @Test
  void streamsOfOneWayShareIt() {
    Links links = new Links();
    links.begin("a");
    assertThat(links.share("a")).isEmpty();
    links.measured("a", 100);
    assertThat(links.share("a")).isEqualTo(OptionalDouble.of(100));
    links.begin("a");
    assertThat(links.share("a")).isEqualTo(OptionalDouble.of(50));
    links.measured("a", 50);
    links.end("a");
    assertThat(links.share("a")).isEqualTo(OptionalDouble.of(100));
    links.measured("a", 50);
    assertThat(links.share("a")).isEqualTo(OptionalDouble.of(75));
    assertThat(links.share("b")).isEmpty();
  }

  @Test
  void waysThatNobodyUsesAreForgotten() {
    Links links = new Links();
    links.begin("first");
    links.measured("first", 100);
    links.end("first");
    for (int i = 0; i < 2000; i++) {
      links.begin("peer " + i);
    }
    assertThat(links.share("first")).isEmpty();
    assertThat(links.streams("peer 0")).isEqualTo(1);
  }

  @Test
  void timeWithNothingToSendDoesNotCount() {
    AtomicLong now = new AtomicLong();
    LinkMeter meter = new LinkMeter(now::get);
    meter.offered(LinkMeter.SWALLOWED);
    meter.written(LinkMeter.SWALLOWED);
    assertThat(meter.bytesPerSecond()).isEmpty();
    now.addAndGet(5_000_000_000L);
    meter.offered(1000);
    now.addAndGet(500_000_000L);
    meter.written(600);
    assertThat(meter.bytesPerSecond()).isEqualTo(OptionalDouble.of(1200));
    now.addAndGet(500_000_000L);
    meter.written(400);
    assertThat(meter.bytesPerSecond()).isEqualTo(OptionalDouble.of(1000));
    now.addAndGet(5_000_000_000L);
    assertThat(meter.bytesPerSecond()).isEqualTo(OptionalDouble.of(1000));
  }
}

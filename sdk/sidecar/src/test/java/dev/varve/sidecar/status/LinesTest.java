package dev.varve.sidecar.status;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.varve.sidecar.access.User;
import dev.varve.sidecar.access.Users;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What the log says of requests. */
class LinesTest {

  private static final TenantNames NAMES = new TenantNames(Users.OPEN);

  private final Logger log = (Logger) LoggerFactory.getLogger("dev.varve.sidecar.Request");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final AtomicLong nanos = new AtomicLong();

  @BeforeEach
  void listen() {
    lines.start();
    log.addAppender(lines);
    log.setLevel(Level.INFO);
    log.setAdditive(false);
  }

  @AfterEach
  void leave() {
    log.detachAppender(lines);
    log.setAdditive(true);
  }

  private List<String> said() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private RequestLog requests(RequestLog.Which which) {
    return new RequestLog(which, Duration.ofMillis(100), 3, NAMES, nanos::get);
  }

  private static Observed observed(String command, long tookNanos, Reply reply) {
    Request request = Request.of(command, "secret-key", "secret-value");
    return new Observed(command, 1, true, 7, Optional.of(User.ANYBODY), request, reply, tookNanos);
  }

  @Test
  void aRequestIsOneLineWithoutKeysAndValues() {
    requests(RequestLog.Which.ALL).ran(observed("get", 1_500_000, Reply.bulk("value")));
    assertThat(said())
        .containsExactly(
            "req=1 client=7 user=default tenant=default cmd=get args=2 hits=1 misses=0 in=25 out=5"
                + " ms=1.500 ok");
  }

  @Test
  void aRefusalIsToldByItsCode() {
    RequestLog requests = requests(RequestLog.Which.SLOW);
    requests.ran(observed("set", 0, Reply.error("unknown 'secret-value'")));
    assertThat(said()).singleElement().asString().endsWith("error=ERR").doesNotContain("secret");
  }

  @Test
  void plainRequestsAreQuietUnlessTheyAreSlow() {
    RequestLog requests = requests(RequestLog.Which.KV);
    requests.ran(observed("get", 99_000_000, Reply.NIL));
    assertThat(said()).isEmpty();
    requests.ran(observed("get", 100_000_000, Reply.NIL));
    requests.ran(observed("kv.match", 5, Reply.whole(128)));
    assertThat(said()).hasSize(2);
    requests(RequestLog.Which.OFF).ran(observed("kv.match", 5, Reply.whole(128)));
    assertThat(said()).hasSize(2);
  }

  @Test
  void aFloodIsCutAndCounted() {
    RequestLog requests = requests(RequestLog.Which.ALL);
    for (int i = 0; i < 10; i++) {
      requests.ran(observed("get", 1, Reply.NIL));
    }
    assertThat(said()).hasSize(3);
    nanos.addAndGet(1_000_000_000L);
    requests.ran(observed("get", 1, Reply.NIL));
    assertThat(said())
        .last()
        .asString()
        .startsWith("req=11 ")
        .endsWith("(7 lines left out before it)");
  }

  @Test
  void theSummaryTellsWhatHappenedSinceTheOneBefore() {
    AtomicLong commands = new AtomicLong(100);
    AtomicLong millis = new AtomicLong();
    StoreView store =
        new StoreView() {
          @Override
          public StoreState look() {
            CodecState raw = new CodecState("raw", 0, 0, 0, 0);
            return new StoreState(
                List.of(new TierState("host", "values", 1 << 20, 4 << 20, 1, 0, 0, 0, 0, 0, raw)),
                new ObjectState(4, 3 << 20, commands.get(), 0, 0, 2, 0, 0),
                List.of(),
                0,
                0,
                0,
                0,
                0);
          }

          @Override
          public long deleteAll() {
            return 0;
          }
        };
    Sampler sampler =
        new Sampler(
            store,
            () ->
                new ServerState(
                    "1",
                    "a",
                    "nio",
                    1,
                    false,
                    3,
                    9,
                    0,
                    9,
                    0,
                    0,
                    commands.get(),
                    commands.get(),
                    100,
                    0,
                    0,
                    0),
            new TrafficTable(NAMES, (pair, traffic) -> {}),
            millis::get,
            () -> 0);
    Summary summary = new Summary(sampler);
    assertThat(summary.next()).isEmpty();
    sampler.sample();
    assertThat(summary.next()).as("nothing to compare with").isEmpty();
    commands.addAndGet(600);
    millis.addAndGet(60_000);
    sampler.sample();
    assertThat(summary.next())
        .contains(
            "60 s: 10 requests/s, hits 100.0 %, in 0.0 MiB/s, out 0.0 MiB/s | values 4, 3.0 MiB,"
                + " stored 600, displaced 0, expired 0 | values host 1.0 of 4.0 MiB (25.0 %)"
                + " | clients 3");
    assertThat(summary.next()).as("nothing happened since").isEmpty();
  }
}

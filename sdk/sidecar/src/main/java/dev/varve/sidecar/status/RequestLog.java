package dev.varve.sidecar.status;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.observe.Lookups;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.observe.RequestWatch;
import dev.varve.sidecar.observe.Sizes;
import dev.varve.sidecar.resp.Reply;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One line for a request, to be pasted where somebody asks what happened. Lines come at most so
 * often a second; what was left out is counted in the next line. No key, no value and no token
 * stands in it. Thread-safe.
 */
public final class RequestLog implements RequestWatch {

  private static final Logger LOG = LoggerFactory.getLogger("dev.varve.sidecar.Request");
  private static final long SECOND = 1_000_000_000L;

  private final Which which;
  private final long slowNanos;
  private final int mostASecond;
  private final LongSupplier nanos;
  private final TenantNames names;
  private long number;
  private long windowStart;
  private int inWindow;
  private long leftOut;
  private boolean begun;

  /** Which requests get a line. */
  public enum Which {
    /** None. */
    OFF,
    /** Such as were slow, were refused or failed. */
    SLOW,
    /** These, and every command about a model ({@code KV.*}). */
    KV,
    /** Every one. */
    ALL
  }

  /**
   * @param slow how long a request runs that is slow
   * @param mostASecond most lines a second
   * @param nanos a clock like {@link System#nanoTime}
   */
  public RequestLog(
      Which which, Duration slow, int mostASecond, TenantNames names, LongSupplier nanos) {
    this.which = which;
    this.slowNanos = slow.toNanos();
    this.mostASecond = mostASecond;
    this.names = names;
    this.nanos = nanos;
  }

  @Override
  public void ran(Observed observed) {
    if (wanted(observed)) {
      String line = line(observed);
      String numbered = admit(line);
      if (!numbered.isEmpty()) {
        LOG.info("{}", numbered);
      }
    }
  }

  private boolean wanted(Observed observed) {
    return switch (which) {
      case OFF -> false;
      case SLOW -> remarkable(observed);
      case KV -> observed.command().startsWith("kv.") || remarkable(observed);
      case ALL -> true;
    };
  }

  private boolean remarkable(Observed observed) {
    return observed.failed() || observed.nanos() >= slowNanos;
  }

  private synchronized String admit(String line) {
    long now = nanos.getAsLong();
    if (!begun || now - windowStart >= SECOND) {
      begun = true;
      windowStart = now;
      inWindow = 0;
    }
    number++;
    if (inWindow >= mostASecond) {
      leftOut++;
      return "";
    }
    inWindow++;
    String before = leftOut == 0 ? "" : " (" + leftOut + " lines left out before it)";
    leftOut = 0;
    return "req=" + number + " " + line + before;
  }

  /** What the line says, without its number. */
  String line(Observed observed) {
    Lookups lookups = Lookups.of(observed);
    return String.format(
        Locale.ROOT,
        "client=%d user=%s tenant=%s cmd=%s args=%d hits=%d misses=%d in=%d out=%d ms=%.3f %s",
        observed.client(),
        observed.user().map(User::name).orElse("-"),
        observed.user().map(User::tenant).map(names::name).orElse("-"),
        observed.command(),
        observed.request().size() - 1,
        lookups.hits(),
        lookups.misses(),
        Sizes.in(observed.request()),
        Sizes.out(observed.reply()),
        observed.nanos() / 1e6,
        outcome(observed.reply()));
  }

  /** An error by its code alone: its sentence may repeat what the client sent. */
  private static String outcome(Reply reply) {
    if (reply instanceof Reply.Failure(String text)) {
      int blank = text.indexOf(' ');
      return "error=" + (blank < 0 ? text : text.substring(0, blank));
    }
    return "ok";
  }
}

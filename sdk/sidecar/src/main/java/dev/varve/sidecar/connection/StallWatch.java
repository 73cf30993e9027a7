package dev.varve.sidecar.connection;

import io.netty.channel.ChannelHandlerContext;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Closes a connection whose client owes something and moves no byte for a while, so that nobody
 * holds memory for ever. Confined to the event loop.
 */
final class StallWatch implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(StallWatch.class);

  private final ChannelHandlerContext context;
  private final Duration limit;
  private final BooleanSupplier owed;
  private @Nullable Future<?> timer;
  private long movements;
  private long movementsBefore = -1;

  private StallWatch(ChannelHandlerContext context, Duration limit, BooleanSupplier owed) {
    this.context = context;
    this.limit = limit;
    this.owed = owed;
  }

  /** Begins to look once every {@code limit}. */
  static StallWatch start(ChannelHandlerContext context, Duration limit, BooleanSupplier owed) {
    StallWatch watch = new StallWatch(context, limit, owed);
    long nanos = limit.toNanos();
    watch.timer =
        context.executor().scheduleWithFixedDelay(watch::look, nanos, nanos, TimeUnit.NANOSECONDS);
    return watch;
  }

  /** Some bytes came or went. */
  void moved() {
    movements++;
  }

  private void look() {
    if (owed.getAsBoolean() && movements == movementsBefore) {
      LOG.info("a client that moved no byte for {} s is disconnected", limit.toSeconds());
      var _ = context.close();
    }
    movementsBefore = movements;
  }

  @Override
  public void close() {
    if (timer != null) {
      timer.cancel(false);
    }
  }
}

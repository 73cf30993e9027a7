package dev.varve.sidecar.command.kv;

import dev.varve.sidecar.command.Counters;
import dev.varve.sidecar.model.HeldContext;
import dev.varve.sidecar.resp.DeferredReply;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.value.FrameValue;
import dev.varve.store.Encoding;
import io.netty.buffer.PooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frame of one block, read and encoded when its turn comes; no value if it is lost. Memory for
 * one frame of each connection lies outside the memory budget.
 */
final class FrameReply implements DeferredReply {

  private static final Logger LOG = LoggerFactory.getLogger(FrameReply.class);

  private final HeldContext held;
  private final int chunk;
  private final int layer;
  private final Encoding level;
  private final Counters counters;
  private final FrameWatch watch;

  /**
   * @param held released when this is done
   * @param watch told what becomes of it
   */
  FrameReply(
      HeldContext held, int chunk, int layer, Encoding level, Counters counters, FrameWatch watch) {
    this.held = held;
    this.chunk = chunk;
    this.layer = layer;
    this.level = level;
    this.counters = counters;
    this.watch = watch;
  }

  @Override
  public Reply make() {
    try {
      return held.frame(chunk, layer, level, this::sent).orElse(Reply.NIL);
    } catch (RuntimeException e) {
      counters.failures.increment();
      LOG.error("a block cannot be sent", e);
      return Reply.NIL;
    } finally {
      held.release();
    }
  }

  private Reply sent(MemorySegment frame) {
    watch.made((int) frame.byteSize());
    return new Reply.Stored(FrameValue.copy(frame, PooledByteBufAllocator.DEFAULT, watch::written));
  }

  @Override
  public void close() {
    held.release();
  }
}

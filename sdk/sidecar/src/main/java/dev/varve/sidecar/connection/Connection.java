package dev.varve.sidecar.connection;

import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.resp.ProtocolException;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.RequestDecoder;
import dev.varve.sidecar.resp.RespLimits;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client. Its event loop cuts bytes into requests, which run a batch at a time and one batch
 * after the other, so that replies come in the order of the requests. It is read from only while
 * few requests wait, memory was granted, and the client reads its replies. All of it but {@link
 * Batch} is confined to the event loop.
 */
public final class Connection extends ChannelInboundHandlerAdapter {

  private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

  /** How long nothing may have come before a client is let go of. */
  private static final long QUIET_MILLIS = 5;

  private final ConnectionLimits limits;
  private final ConnectionMemory memory;
  private final RequestRunner runner;
  private final Executor workers;
  private final Deque<Request> queue = new ArrayDeque<>();
  private @Nullable ChannelHandlerContext context;
  private @Nullable RequestDecoder decoder;
  private @Nullable ByteBuf input;
  private @Nullable Batch running;
  private @Nullable StallWatch stall;
  private @Nullable ProtocolException refused;
  private boolean awaitingMemory;
  private boolean draining;
  private long reads;
  private boolean listening;
  private boolean quiet;
  private boolean farewell;
  private boolean closed;

  /**
   * @param workers run what may block
   */
  public Connection(
      ConnectionLimits limits, ConnectionMemory memory, RequestRunner runner, Executor workers) {
    this.limits = limits;
    this.memory = memory;
    this.runner = runner;
    this.workers = workers;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    decoder =
        new RequestDecoder(
            () -> runner.trusted() ? limits.requests() : RespLimits.STRANGER,
            memory,
            added.alloc());
    stall = StallWatch.start(added, limits.stall(), this::owed);
  }

  @Override
  public void channelRead(ChannelHandlerContext read, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (closed || refused != null) {
      bytes.release();
      return;
    }
    if (stall != null) {
      stall.moved();
    }
    reads++;
    quiet = false;
    input = input == null ? bytes : Inputs.append(read.alloc(), input, bytes);
    advance();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext changed) {
    if (running != null && changed.channel().isWritable()) {
      running.resumeWriting();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext inactive) {
    closed = true;
    if (stall != null) {
      stall.close();
    }
    if (decoder != null) {
      decoder.close();
    }
    if (input != null) {
      input.release();
      input = null;
    }
    if (running == null) {
      advance();
    } else {
      running.resumeWriting();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext caught, Throwable cause) {
    if (cause instanceof IOException) {
      LOG.debug("a client vanished: {}", cause.getMessage());
    } else {
      LOG.error("a connection fails and is closed", cause);
    }
    var _ = caught.close();
  }

  /** Lets go of the client as soon as what it sent was answered. */
  public void drain() {
    draining = true;
    advance();
  }

  /** Cuts what came into requests, starts the next batch, and decides whether to read on. */
  private void advance() {
    if (!closed && refused == null) {
      decode();
    }
    if (running == null && !queue.isEmpty()) {
      startBatch();
    }
    if (running == null && queue.isEmpty()) {
      idle();
    }
    if (!closed && context != null) {
      boolean room = queue.size() < ConnectionLimits.QUEUED && !awaitingMemory && refused == null;
      context.channel().config().setAutoRead(room && !runner.finished());
    }
  }

  private void decode() {
    if (decoder == null || input == null) {
      return;
    }
    try {
      while (queue.size() < ConnectionLimits.QUEUED) {
        Optional<Request> next = decoder.next(input);
        if (next.isEmpty()) {
          break;
        }
        queue.add(next.get());
      }
      if (decoder.starved() && !awaitingMemory) {
        awaitMemory(decoder.wanted());
      }
    } catch (ProtocolException e) {
      refused = e;
    }
    if (!input.isReadable()) {
      input.release();
      input = null;
    }
  }

  private void awaitMemory(long bytes) {
    if (context != null) {
      awaitingMemory = true;
      memory.await(
          bytes,
          context.executor(),
          () -> {
            awaitingMemory = false;
            advance();
          });
    }
  }

  private void startBatch() {
    Deque<Request> taken = new ArrayDeque<>();
    while (taken.size() < ConnectionLimits.BATCH && !queue.isEmpty()) {
      taken.add(queue.remove());
    }
    if (context == null) {
      return;
    }
    Batch batch = new Batch(taken, runner, memory, context, workers, this::batchDone, this::moved);
    running = batch;
    batch.run();
  }

  private void batchDone() {
    running = null;
    if (runner.finished()) {
      queue.forEach(Request::close);
      queue.clear();
    }
    advance();
  }

  /** Nothing runs and nothing waits. */
  private void idle() {
    if (closed) {
      runner.ended();
    } else if (context == null || farewell) {
      LOG.trace("the last bytes are on their way");
    } else if (refused != null) {
      farewell = true;
      Reply reply = Reply.error(String.valueOf(refused.getMessage()));
      LOG.info("a client is disconnected: {}", refused.getMessage());
      var _ =
          context
              .writeAndFlush(SmallReplies.encode(reply, runner.protocol(), context.alloc()))
              .addListener(ChannelFutureListener.CLOSE);
    } else if (draining && !quiet && !midRequest()) {
      listen(context);
    } else if (runner.finished() || (draining && !midRequest())) {
      farewell = true;
      var _ =
          context.writeAndFlush(context.alloc().buffer(0)).addListener(ChannelFutureListener.CLOSE);
    }
  }

  /**
   * Finds out whether more was sent already: a connection that is closed over unread bytes takes
   * from the client what it was answered before.
   */
  private void listen(ChannelHandlerContext own) {
    if (!listening) {
      listening = true;
      long seen = reads;
      var _ =
          own.executor()
              .schedule(
                  () -> {
                    listening = false;
                    quiet = reads == seen;
                    advance();
                  },
                  QUIET_MILLIS,
                  TimeUnit.MILLISECONDS);
    }
  }

  private boolean midRequest() {
    return input != null || (decoder != null && decoder.midRequest());
  }

  /** Whether the client owes us bytes or the reading of bytes. */
  private boolean owed() {
    boolean unread = context != null && !context.channel().isWritable();
    return unread || (running == null && queue.isEmpty() && !awaitingMemory && midRequest());
  }

  private void moved() {
    if (stall != null) {
      stall.moved();
    }
  }
}

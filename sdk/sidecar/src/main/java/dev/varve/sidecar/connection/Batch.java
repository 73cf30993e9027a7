package dev.varve.sidecar.connection;

import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.resp.BrokenReplyException;
import dev.varve.sidecar.resp.Piece;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.ReplyEncoder;
import dev.varve.sidecar.resp.Request;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import java.util.Deque;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a few requests of one connection and writes their replies: on the event loop while they take
 * no waiting, on a worker from the first one that might. Where the client reads too slowly or
 * memory is short it leaves the worker, and goes on later where it stopped.
 */
final class Batch implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(Batch.class);

  /** Bytes of small replies that are sent together. */
  private static final int TOGETHER = 1 << 16;

  /** Bytes of values that the event loop writes before it turns to other connections. */
  private static final long LOOP_BYTES = 1 << 20;

  private final Deque<Request> requests;
  private final RequestRunner runner;
  private final ConnectionMemory memory;
  private final ChannelHandlerContext context;
  private final Executor workers;
  private final Runnable done;
  private final Runnable moved;
  private @Nullable ReplyEncoder encoder;
  private @Nullable ByteBuf small;
  private long loopBytes;

  /** Confined to the event loop. */
  private boolean awaitingWrites;

  /**
   * @param done run by the event loop at the end
   * @param moved run by the event loop when bytes were written
   */
  Batch(
      Deque<Request> requests,
      RequestRunner runner,
      ConnectionMemory memory,
      ChannelHandlerContext context,
      Executor workers,
      Runnable done,
      Runnable moved) {
    this.requests = requests;
    this.runner = runner;
    this.memory = memory;
    this.context = context;
    this.workers = workers;
    this.done = done;
    this.moved = moved;
  }

  @Override
  public void run() {
    try {
      if (work()) {
        flush();
        finish();
      }
    } catch (BrokenReplyException e) {
      LOG.error("a connection is closed in the middle of a reply: {}", e.getMessage());
      fail();
    } catch (RejectedExecutionException e) {
      LOG.debug("the server ends, requests are dropped");
      fail();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("a connection fails and is closed", e);
      fail();
    }
  }

  /** Returns whether all is done; else something was agreed on that goes on later. */
  private boolean work() throws BrokenReplyException {
    while (encoder != null || (!requests.isEmpty() && !runner.finished())) {
      if (encoder == null && !nextReply()) {
        flush();
        workers.execute(this);
        return false;
      }
      Channel channel = context.channel();
      if (!channel.isActive()) {
        endReply();
        continue;
      }
      switch (current().step()) {
        case ReplyEncoder.Step.Done() -> endReply();
        case ReplyEncoder.Step.Small() -> current().write(small(), TOGETHER);
        case ReplyEncoder.Step.Value(long wanted) -> {
          writeSmall();
          if (!memory.reserve(wanted)) {
            flush();
            memory.await(wanted, workers, this);
            return false;
          }
          write(current().piece(context.alloc()), wanted);
        }
      }
      if (small != null && small.readableBytes() >= TOGETHER) {
        flush();
      }
      if (!channel.isWritable()) {
        flush();
        context.executor().execute(this::awaitWritable);
        return false;
      }
    }
    requests.forEach(Request::close);
    requests.clear();
    return true;
  }

  private ReplyEncoder current() {
    if (encoder == null) {
      throw new IllegalStateException("no reply is being written");
    }
    return encoder;
  }

  /** Runs the next request; false if that is a worker's to do. */
  private boolean nextReply() {
    Optional<Reply> reply = reply(requests.element());
    reply.ifPresent(made -> {
      requests.remove().close();
      encoder = new ReplyEncoder(made, runner.protocol());
    });
    return reply.isPresent();
  }

  private Optional<Reply> reply(Request request) {
    if (!context.executor().inEventLoop()) {
      return Optional.of(runner.run(request));
    }
    return loopBytes < LOOP_BYTES ? runner.runNow(request) : Optional.empty();
  }

  private void endReply() {
    if (encoder != null) {
      encoder.close();
      encoder = null;
    }
  }

  private ByteBuf small() {
    if (small == null) {
      small = context.alloc().directBuffer();
    }
    return small;
  }

  private void write(Piece piece, long reserved) {
    loopBytes += piece.bytes().readableBytes();
    var _ =
        context
            .write(piece.bytes())
            .addListener(written -> {
              memory.release(reserved);
              piece.written().run();
              moved.run();
            });
    if (!context.executor().inEventLoop()) {
      context.flush();
    }
  }

  private void writeSmall() {
    if (small != null) {
      ByteBuf bytes = small;
      small = null;
      var _ = context.write(bytes).addListener(written -> moved.run());
    }
  }

  private void flush() {
    writeSmall();
    context.flush();
  }

  private void awaitWritable() {
    awaitingWrites = true;
    Channel channel = context.channel();
    if (channel.isWritable() || !channel.isActive()) {
      resumeWriting();
    }
  }

  /** Goes on if it waited for the client to read; on the event loop. */
  void resumeWriting() {
    if (awaitingWrites) {
      awaitingWrites = false;
      try {
        workers.execute(this);
      } catch (RejectedExecutionException e) {
        LOG.debug("the server ends, replies are dropped");
        abandon();
        var _ = context.close();
      }
    }
  }

  private void fail() {
    abandon();
    var _ = context.close();
    finish();
  }

  private void finish() {
    try {
      context.executor().execute(done);
    } catch (RejectedExecutionException e) {
      LOG.debug("the server has ended before its last request");
    }
  }

  /** Drops what was not run or not written. */
  void abandon() {
    endReply();
    if (small != null) {
      small.release();
      small = null;
    }
    requests.forEach(Request::close);
    requests.clear();
  }
}

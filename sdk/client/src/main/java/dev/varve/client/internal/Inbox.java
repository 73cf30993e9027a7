package dev.varve.client.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufHolder;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Parts of replies between the event loop that receives them and the thread that reads them. While
 * too many bytes wait nothing more is received. What waits when it is closed is released.
 */
final class Inbox extends ChannelInboundHandlerAdapter {

  private final long window;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final Deque<RedisMessage> waiting = new ArrayDeque<>();
  private @Nullable Channel channel;
  private @Nullable String broken;
  private long bytes;

  /**
   * @param window most bytes that wait
   */
  Inbox(long window) {
    this.window = window;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    channel = context.channel();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    lock.lock();
    try {
      if (broken != null || !(message instanceof RedisMessage part)) {
        ReferenceCountUtil.release(message);
        return;
      }
      waiting.add(part);
      bytes += length(part);
      if (bytes > window) {
        context.channel().config().setAutoRead(false);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    fail("the server closed the connection");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    fail(String.valueOf(cause.getMessage()));
    var _ = context.close();
  }

  private static long length(RedisMessage part) {
    return part instanceof ByteBufHolder holder ? holder.content().readableBytes() : 0;
  }

  private void fail(String reason) {
    lock.lock();
    try {
      if (broken == null) {
        broken = reason;
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The next part, which is the caller's to release. */
  RedisMessage next(Deadline deadline) throws RemoteException {
    lock.lock();
    try {
      while (waiting.isEmpty()) {
        if (broken != null) {
          throw RemoteException.broken(broken);
        }
        if (changed.awaitNanos(deadline.leftNanos()) <= 0 && waiting.isEmpty()) {
          throw RemoteException.broken("the server did not answer in time");
        }
      }
      RedisMessage part = waiting.remove();
      bytes -= length(part);
      if (channel != null && bytes <= window / 2 && !channel.config().isAutoRead()) {
        channel.config().setAutoRead(true);
      }
      return part;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RemoteException.broken("interrupted");
    } finally {
      lock.unlock();
    }
  }

  /** Takes nothing more. */
  void close() {
    fail("the connection is closed");
    lock.lock();
    try {
      waiting.forEach(ReferenceCountUtil::release);
      waiting.clear();
    } finally {
      lock.unlock();
    }
  }

  /** The bytes of a part. */
  static ByteBuf content(RedisMessage part) {
    return ((ByteBufHolder) part).content();
  }
}

package dev.varve.client.internal;

import dev.varve.client.RemoteConfig;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.redis.FixedRedisMessagePool;
import io.netty.handler.codec.redis.RedisDecoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/** One connection: a request, then its reply, then the next. For one thread at a time. */
public final class RemoteConnection implements AutoCloseable {

  private static final int LONGEST_LINE = 1 << 16;

  private final Channel channel;
  private final Inbox inbox;

  private RemoteConnection(Channel channel, Inbox inbox) {
    this.channel = channel;
    this.inbox = inbox;
  }

  /** Connects and says who it is. */
  static RemoteConnection open(RemoteConfig config, EventLoopGroup loops, Deadline deadline)
      throws RemoteException {
    Inbox inbox = new Inbox(config.windowBytes());
    int timeout = (int) Math.min(Integer.MAX_VALUE, config.connectTimeout().toMillis());
    ChannelFuture connected =
        new Bootstrap()
            .group(loops)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.TCP_NODELAY, true)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, timeout)
            .handler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel opened) {
                    opened
                        .pipeline()
                        .addLast(
                            new RedisDecoder(LONGEST_LINE, FixedRedisMessagePool.INSTANCE), inbox);
                  }
                })
            .connect(config.address());
    boolean done =
        connected.awaitUninterruptibly(Math.max(1, deadline.leftNanos()), TimeUnit.NANOSECONDS);
    if (!done || !connected.isSuccess()) {
      var _ = connected.channel().close();
      throw RemoteException.broken(
          "cannot connect to %s: %s"
              .formatted(
                  config.address(),
                  done ? String.valueOf(connected.cause().getMessage()) : "it takes too long"));
    }
    RemoteConnection connection = new RemoteConnection(connected.channel(), inbox);
    connection.greet(config, deadline);
    return connection;
  }

  private void greet(RemoteConfig config, Deadline deadline) throws RemoteException {
    try {
      if (config.login().isPresent()) {
        RemoteConfig.Login login = config.login().get();
        send(bytes("AUTH"), bytes(login.user()), bytes(login.password()));
        var _ = reply(deadline).simple();
      }
      send(bytes("KV.POLICY"), bytes(config.model()));
      ServerModel.check(config.geometry(), reply(deadline).leaves());
    } catch (RemoteException e) {
      close();
      // Whoever we are not, or whatever the model is not: this connection is of no use.
      throw RemoteException.broken(String.valueOf(e.getMessage()));
    }
  }

  /** Sends a request; its reply must be read to its end before the next one. */
  public void send(byte[]... arguments) {
    ByteBuf[] parts = new ByteBuf[arguments.length];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = Unpooled.wrappedBuffer(arguments[i]);
    }
    send(parts);
  }

  /** The same, of arguments that are released by being sent. */
  public void send(ByteBuf... arguments) {
    ByteBuf request = channel.alloc().buffer();
    ByteBufUtil.writeAscii(request, "*" + arguments.length + "\r\n");
    for (ByteBuf argument : arguments) {
      ByteBufUtil.writeAscii(request, "$" + argument.readableBytes() + "\r\n");
      request.writeBytes(argument);
      argument.release();
      ByteBufUtil.writeAscii(request, "\r\n");
    }
    var _ = channel.writeAndFlush(request);
  }

  /** Reads the reply. */
  public ReplyReader reply(Deadline deadline) {
    return new ReplyReader(inbox, deadline);
  }

  /** Whether the server is still there, as far as is known. */
  boolean open() {
    return channel.isActive();
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    inbox.close();
    var _ = channel.close();
  }
}

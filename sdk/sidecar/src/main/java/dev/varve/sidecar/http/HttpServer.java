package dev.varve.sidecar.http;

import dev.varve.sidecar.tls.Encryption;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.handler.timeout.ReadTimeoutHandler;
import io.netty.handler.timeout.WriteTimeoutHandler;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The port for people and tools, from {@link #start} to {@link #close}. One event loop of its own,
 * few connections, small requests: whatever is done to it harms nobody else. Thread-safe.
 */
public final class HttpServer implements AutoCloseable {

  /** The port where it listens unless told otherwise. */
  public static final int DEFAULT_PORT = 9391;

  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);
  private static final int MOST_CONNECTIONS = 128;
  private static final int LONGEST_LINE = 4096;
  private static final int LONGEST_HEADERS = 8192;
  private static final int LONGEST_BODY = 4096;
  private static final int IDLE_SECONDS = 30;
  private static final int LAST_SECONDS = 2;

  private final Parts parts;
  private final EventLoopGroup loop;
  private final ChannelGroup channels = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE, true);
  private final Channel listener;

  /**
   * What it is made of.
   *
   * @param routes what there is to ask for
   * @param loops makes the thread that moves bytes
   * @param workers make the replies; not ended by the server
   * @param encryption encrypts connections; empty where they are not
   */
  public record Parts(
      Routes routes, ThreadFactory loops, Executor workers, Optional<Encryption> encryption) {}

  private HttpServer(InetSocketAddress address, Parts parts) throws IOException {
    this.parts = parts;
    this.loop = new MultiThreadIoEventLoopGroup(1, parts.loops(), NioIoHandler.newFactory());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(loop)
            .channel(NioServerSocketChannel.class)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      Throwable cause = bound.cause();
      end();
      throw new IOException(
          "cannot listen at %s for HTTP: %s".formatted(address, cause.getMessage()), cause);
    }
    this.listener = bound.channel();
  }

  /**
   * Starts one; it accepts connections when this returns.
   *
   * @throws IOException if the address cannot be listened at
   */
  public static HttpServer start(InetSocketAddress address, Parts parts) throws IOException {
    HttpServer server = new HttpServer(address, parts);
    LOG.info("page, status and metrics at {}", server.url());
    return server;
  }

  private void accept(Channel channel) {
    if (channels.size() >= MOST_CONNECTIONS) {
      LOG.debug("more than {} HTTP connections: one is closed", MOST_CONNECTIONS);
      var _ = channel.close();
      return;
    }
    channels.add(channel);
    parts.encryption().ifPresent(encryption -> encryption.encrypt(channel));
    channel
        .pipeline()
        .addLast(
            new ReadTimeoutHandler(IDLE_SECONDS),
            new WriteTimeoutHandler(IDLE_SECONDS),
            new HttpServerCodec(LONGEST_LINE, LONGEST_HEADERS, LONGEST_HEADERS),
            new HttpObjectAggregator(LONGEST_BODY),
            new FlowControlHandler(),
            new HttpExchange(parts.routes(), parts.workers()));
  }

  /** Where it listens. */
  public InetSocketAddress address() {
    return (InetSocketAddress) listener.localAddress();
  }

  /** What a browser is given. */
  public String url() {
    String host = address().getAddress().getHostAddress();
    return "%s://%s:%d/"
        .formatted(
            parts.encryption().isPresent() ? "https" : "http",
            host.indexOf(':') < 0 ? host : "[" + host + "]",
            address().getPort());
  }

  @Override
  public void close() {
    listener.close().awaitUninterruptibly();
    channels.close().awaitUninterruptibly();
    end();
  }

  private void end() {
    loop.shutdownGracefully(0, LAST_SECONDS, TimeUnit.SECONDS).awaitUninterruptibly();
  }
}

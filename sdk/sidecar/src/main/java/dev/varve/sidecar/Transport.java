package dev.varve.sidecar;

import io.netty.channel.IoHandlerFactory;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUring;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;
import org.jspecify.annotations.Nullable;

/** How bytes come and go: interfaces of the operating system. */
public enum Transport {
  EPOLL("epoll", EpollServerSocketChannel.class) {
    @Override
    @Nullable Throwable missing() {
      return Epoll.unavailabilityCause();
    }

    @Override
    IoHandlerFactory factory() {
      return EpollIoHandler.newFactory();
    }
  },

  IO_URING("io_uring", IoUringServerSocketChannel.class) {
    @Override
    @Nullable Throwable missing() {
      return IoUring.unavailabilityCause();
    }

    @Override
    IoHandlerFactory factory() {
      return IoUringIoHandler.newFactory();
    }
  },

  NIO("nio", NioServerSocketChannel.class) {
    @Override
    @Nullable Throwable missing() {
      return null;
    }

    @Override
    IoHandlerFactory factory() {
      return NioIoHandler.newFactory();
    }
  };

  private final String label;
  private final Class<? extends ServerChannel> serverChannel;

  Transport(String label, Class<? extends ServerChannel> serverChannel) {
    this.label = label;
    this.serverChannel = serverChannel;
  }

  /** Its name in settings and in the log. */
  public String label() {
    return label;
  }

  Class<? extends ServerChannel> serverChannel() {
    return serverChannel;
  }

  /** Why it cannot be used here; null if it can. */
  abstract @Nullable Throwable missing();

  abstract IoHandlerFactory factory();
}

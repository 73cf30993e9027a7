package dev.varve.store.ssd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A file behind a {@link FileChannel}. An interrupted thread closes such a channel for everybody;
 * this one then opens it again, finishes, and leaves the thread interrupted.
 */
final class ChannelFile implements BlockFile {

  private static final int MOST_IDLE = 2;

  private final Path path;
  private final OpenOption[] options;
  private @Nullable FileChannel channel;
  private boolean closed;

  /** Channels that wait for the next read into two places. */
  private final Deque<FileChannel> scattering = new ArrayDeque<>();

  /** A file or folder that exists by its first use; opened then. */
  ChannelFile(Path path, OpenOption... options) {
    this.path = path;
    this.options = options;
  }

  @Override
  public void write(MemorySegment bytes, long position) throws IOException {
    uninterrupted(open -> {
      ByteBuffer buffer = bytes.asByteBuffer();
      while (buffer.hasRemaining()) {
        open.write(buffer, position + buffer.position());
      }
    });
  }

  @Override
  public void read(MemorySegment bytes, long position) throws IOException {
    uninterrupted(open -> {
      ByteBuffer buffer = bytes.asByteBuffer();
      while (buffer.hasRemaining()) {
        boolean ended = open.read(buffer, position + buffer.position()) < 0;
        if (ended || (buffer.hasRemaining() && position + buffer.position() >= open.size())) {
          throw ended(open, position + buffer.limit());
        }
      }
    });
  }

  /** In one request: a second one costs as long as a hundred kilobytes. */
  @Override
  public void read(MemorySegment first, MemorySegment second, long position) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel own = takeScattering();
        try {
          ByteBuffer[] buffers = {first.asByteBuffer(), second.asByteBuffer()};
          own.position(position);
          while (buffers[1].hasRemaining()) {
            if (own.read(buffers) < 0
                || (buffers[1].hasRemaining() && own.position() >= own.size())) {
              throw ended(own, position + first.byteSize() + second.byteSize());
            }
          }
          return;
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        } finally {
          giveBack(own);
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** A channel whose position is ours: no channel scatters from a position that is given. */
  private FileChannel takeScattering() throws IOException {
    synchronized (this) {
      if (closed) {
        throw new IOException(path + " is closed");
      }
      FileChannel idle = scattering.poll();
      if (idle != null) {
        return idle;
      }
    }
    return FileChannel.open(path, options);
  }

  private synchronized void giveBack(FileChannel own) throws IOException {
    if (closed || !own.isOpen() || scattering.size() == MOST_IDLE) {
      own.close();
    } else {
      scattering.add(own);
    }
  }

  private static EOFException ended(FileChannel open, long needed) throws IOException {
    return new EOFException("the file ends at " + open.size() + ", a record needs " + needed);
  }

  @Override
  public void force() throws IOException {
    uninterrupted(open -> open.force(false));
  }

  @Override
  public void truncate(long bytes) throws IOException {
    uninterrupted(open -> open.truncate(bytes));
  }

  @FunctionalInterface
  private interface Work {
    void run(FileChannel open) throws IOException;
  }

  private void uninterrupted(Work work) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel open = channel();
        try {
          work.run(open);
          return;
        } catch (ClosedChannelException e) {
          interrupted |= Thread.interrupted();
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private synchronized FileChannel channel() throws IOException {
    if (closed) {
      throw new IOException(path + " is closed");
    }
    if (channel == null || !channel.isOpen()) {
      channel = FileChannel.open(path, options);
    }
    return channel;
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    for (FileChannel idle : scattering) {
      idle.close();
    }
    scattering.clear();
    if (channel != null) {
      channel.close();
    }
  }
}

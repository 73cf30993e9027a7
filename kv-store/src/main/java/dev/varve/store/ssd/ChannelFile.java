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
import java.util.List;
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

  /** Channels that wait for the next use of their position. */
  private final Deque<FileChannel> positioned = new ArrayDeque<>();

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

  @Override
  public void write(List<MemorySegment> pieces, long position) throws IOException {
    if (pieces.size() == 1) {
      write(pieces.getFirst(), position);
      return;
    }
    atPosition(
        position,
        open -> {
          ByteBuffer[] buffers = buffers(pieces);
          while (buffers[buffers.length - 1].hasRemaining()) {
            open.write(buffers);
          }
        });
  }

  /** In one request: a second one costs as long as a hundred kilobytes. */
  @Override
  public void read(List<MemorySegment> pieces, long position) throws IOException {
    long end = position + pieces.stream().mapToLong(MemorySegment::byteSize).sum();
    atPosition(
        position,
        open -> {
          ByteBuffer[] buffers = buffers(pieces);
          while (open.position() < end) {
            if (open.read(buffers) < 0
                || (open.position() < end && open.position() >= open.size())) {
              throw ended(open, end);
            }
          }
        });
  }

  private static ByteBuffer[] buffers(List<MemorySegment> pieces) {
    return pieces.stream().map(MemorySegment::asByteBuffer).toArray(ByteBuffer[]::new);
  }

  /** Works with a channel whose position is ours: no channel scatters from one that is given. */
  private void atPosition(long position, Work work) throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        FileChannel own = takePositioned();
        try {
          own.position(position);
          work.run(own);
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

  private FileChannel takePositioned() throws IOException {
    synchronized (this) {
      if (closed) {
        throw new IOException(path + " is closed");
      }
      FileChannel idle = positioned.poll();
      if (idle != null) {
        return idle;
      }
    }
    return FileChannel.open(path, options);
  }

  private synchronized void giveBack(FileChannel own) throws IOException {
    if (closed || !own.isOpen() || positioned.size() == MOST_IDLE) {
      own.close();
    } else {
      positioned.add(own);
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
    for (FileChannel idle : positioned) {
      idle.close();
    }
    positioned.clear();
    if (channel != null) {
      channel.close();
    }
  }
}

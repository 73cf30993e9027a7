package dev.varve.store.ssd;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A file behind a {@link FileChannel}. An interrupted thread closes such a channel for everybody;
 * this one then opens it again, finishes, and leaves the thread interrupted.
 */
final class ChannelFile implements BlockFile {

  private final Path path;
  private final OpenOption[] options;
  private @Nullable FileChannel channel;
  private boolean closed;

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
          throw new EOFException(
              "the file ends at "
                  + open.size()
                  + ", a record needs "
                  + (position + buffer.limit()));
        }
      }
    });
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
    if (channel != null) {
      channel.close();
    }
  }
}

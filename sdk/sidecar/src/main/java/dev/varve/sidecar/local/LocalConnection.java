package dev.varve.sidecar.local;

import dev.varve.sidecar.connection.RequestRunner;
import dev.varve.sidecar.handover.HandoverSession;
import dev.varve.sidecar.memory.ConnectionMemory;
import dev.varve.sidecar.resp.BrokenReplyException;
import dev.varve.sidecar.resp.ProtocolException;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.RequestDecoder;
import dev.varve.sidecar.resp.RespLimits;
import dev.varve.store.local.LocalSocket;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client at the Unix socket, served by a thread of its own from the first byte to the last:
 * what it asks for it waits for alone. Confined to that thread but for {@link #drain} and {@link
 * #cut}.
 */
final class LocalConnection implements Runnable {

  private static final Logger LOG = LoggerFactory.getLogger(LocalConnection.class);
  private static final int READ_BYTES = 1 << 16;

  private final LocalSocket socket;
  private final RequestRunner runner;
  private final HandoverSession session;
  private final ConnectionMemory memory;
  private final RequestDecoder decoder;
  private final LocalWriter writer;
  private final BlockingQueue<Runnable> granted = new LinkedBlockingQueue<>();
  private final ByteBuf input = PooledByteBufAllocator.DEFAULT.directBuffer(READ_BYTES);
  private @Nullable Exception broken;

  /**
   * @param socket closed at the end
   * @param session closed at the end
   */
  LocalConnection(
      LocalSocket socket,
      RequestRunner runner,
      HandoverSession session,
      ConnectionMemory memory,
      RespLimits limits) {
    this.socket = socket;
    this.runner = runner;
    this.session = session;
    this.memory = memory;
    this.decoder =
        new RequestDecoder(
            () -> runner.trusted() ? limits : RespLimits.STRANGER,
            memory,
            PooledByteBufAllocator.DEFAULT);
    this.writer = new LocalWriter(socket, this::reserve, memory);
  }

  @Override
  public void run() {
    try {
      while (!runner.finished() && receive()) {
        answer();
      }
      writer.flush();
    } catch (ProtocolException e) {
      LOG.info("a client is disconnected: {}", e.getMessage());
      sayLast(Reply.error(String.valueOf(e.getMessage())));
    } catch (BrokenReplyException e) {
      LOG.error("a connection is closed in the middle of a reply: {}", e.getMessage());
    } catch (IOException e) {
      LOG.debug("a client vanished: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | OutOfMemoryError e) {
      LOG.error("a connection fails and is closed", e);
    } finally {
      end();
    }
  }

  private void end() {
    session.close();
    runner.ended();
    decoder.close();
    writer.close();
    input.release();
    socket.close();
  }

  /** Waits for bytes; returns false where no more will come. */
  private boolean receive() throws IOException {
    while (true) {
      input.discardReadBytes();
      input.ensureWritable(READ_BYTES);
      int free = input.writableBytes();
      MemorySegment target = MemorySegment.ofBuffer(input.nioBuffer(input.writerIndex(), free));
      int count = socket.receive(target);
      if (count > 0) {
        input.writerIndex(input.writerIndex() + count);
        return true;
      }
      boolean owed = input.isReadable() || decoder.midRequest();
      if (count == 0 || owed) {
        if (owed) {
          LOG.info("a client that left a request half sent is disconnected");
        }
        return false;
      }
    }
  }

  /** Answers all that came whole. */
  private void answer()
      throws IOException, ProtocolException, BrokenReplyException, InterruptedException {
    decodeAndRun();
    while (decoder.starved() && broken == null) {
      writer.flush();
      memory.await(decoder.wanted(), granted::add, this::goOn);
      granted.take().run();
    }
    rethrow();
    writer.flush();
  }

  private void goOn() {
    try {
      decodeAndRun();
    } catch (IOException | ProtocolException | BrokenReplyException | InterruptedException e) {
      broken = e;
    }
  }

  private void rethrow()
      throws IOException, ProtocolException, BrokenReplyException, InterruptedException {
    switch (broken) {
      case null -> {
        // Nothing was broken.
      }
      case IOException e -> throw e;
      case ProtocolException e -> throw e;
      case BrokenReplyException e -> throw e;
      case InterruptedException e -> throw e;
      default -> throw new IllegalStateException(broken);
    }
  }

  private void decodeAndRun()
      throws IOException, ProtocolException, BrokenReplyException, InterruptedException {
    while (!runner.finished()) {
      Optional<Request> next = decoder.next(input);
      if (next.isEmpty()) {
        return;
      }
      try (Request request = next.get()) {
        Reply reply = runner.run(request);
        writer.write(reply, runner.protocol(), session.takeFile());
      }
    }
  }

  /** Waits until the connection may hold so many bytes more. */
  private void reserve(long bytes) throws InterruptedException {
    if (!memory.reserve(bytes)) {
      memory.await(
          bytes,
          granted::add,
          () -> {
            if (!memory.reserve(bytes)) {
              throw new IllegalStateException(bytes + " bytes were granted and refused");
            }
          });
      granted.take().run();
    }
  }

  private void sayLast(Reply reply) {
    try {
      writer.write(reply, runner.protocol(), session.takeFile());
      writer.flush();
    } catch (IOException | BrokenReplyException e) {
      LOG.debug("a client does not hear why it is disconnected: {}", e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Ends once what came was answered; on any thread. */
  void drain() {
    socket.endInput();
  }

  /** Ends now; on any thread. */
  void cut() {
    socket.shutdown();
  }
}

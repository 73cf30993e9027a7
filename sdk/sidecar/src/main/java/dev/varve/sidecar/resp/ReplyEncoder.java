package dev.varve.sidecar.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes one reply piece by piece, so that neither a value nor a long list has to be in memory as a
 * whole. For one thread at a time; closing it ends every value that was not written.
 */
public final class ReplyEncoder implements AutoCloseable {

  /** Length of a value up to which it is written together with what surrounds it. */
  public static final int TOGETHER = 1 << 16;

  private final Protocol protocol;
  private final Deque<Iterator<Reply>> open = new ArrayDeque<>();
  private final Deque<StoredBytes> unread = new ArrayDeque<>();
  private final Deque<DeferredReply> unmade = new ArrayDeque<>();
  private @Nullable StoredBytes streaming;

  public ReplyEncoder(Reply reply, Protocol protocol) {
    this.protocol = protocol;
    this.open.push(List.of(reply).iterator());
    collect(reply);
  }

  private void collect(Reply reply) {
    switch (reply) {
      case Reply.Stored(StoredBytes value) -> unread.add(value);
      case Reply.Many(List<Reply> items) -> items.forEach(this::collect);
      case Reply.Pairs(var entries) -> entries.forEach(entry -> collect(entry.getValue()));
      case Reply.Deferred(DeferredReply source) -> unmade.add(source);
      default -> {
        // Nothing to close.
      }
    }
  }

  /** What comes next. */
  public sealed interface Step {

    /**
     * A piece of a value.
     *
     * @param wanted memory to reserve before {@link #piece} is called
     */
    record Value(long wanted) implements Step {}

    /** Small things, for {@link #write}. */
    record Small() implements Step {}

    /** All was written. */
    record Done() implements Step {}
  }

  /** What comes next. */
  public Step step() {
    if (streaming != null && streaming.remaining() > 0) {
      return new Step.Value(streaming.wanted());
    }
    while (!open.isEmpty() && !open.peek().hasNext()) {
      open.pop();
    }
    return streaming == null && open.isEmpty() ? new Step.Done() : new Step.Small();
  }

  /**
   * The next piece of a value.
   *
   * @throws BrokenReplyException if it is damaged: its length was written already
   */
  public Piece piece(ByteBufAllocator allocator) throws BrokenReplyException {
    return Objects.requireNonNull(streaming, "no value comes next")
        .read(allocator)
        .orElseThrow(BrokenReplyException::new);
  }

  /** Appends what is small until a value comes or about {@code enough} bytes were written. */
  public void write(ByteBuf target, int enough) {
    while (target.readableBytes() < enough && step() instanceof Step.Small) {
      if (streaming == null) {
        write(open.element().next(), target);
      } else {
        line(target);
        end(streaming);
        streaming = null;
      }
    }
  }

  private void end(StoredBytes value) {
    unread.remove(value);
    value.close();
  }

  private void write(Reply reply, ByteBuf target) {
    switch (reply) {
      case Reply.Simple(String text) -> line(target, '+', text);
      case Reply.Failure(String text) -> line(target, '-', text);
      case Reply.Whole(long value) -> line(target, ':', Long.toString(value));
      case Reply.Bulk bulk -> {
        line(target, '$', Integer.toString(bulk.bytes().length));
        target.writeBytes(bulk.bytes());
        line(target);
      }
      case Reply.Nil() -> text(target, protocol == Protocol.RESP3 ? "_\r\n" : "$-1\r\n");
      case Reply.Many(List<Reply> items) -> {
        line(target, '*', Integer.toString(items.size()));
        open.push(items.iterator());
      }
      case Reply.Pairs(var entries) -> {
        boolean map = protocol == Protocol.RESP3;
        line(target, map ? '%' : '*', Integer.toString(entries.size() * (map ? 1 : 2)));
        open.push(
            entries.stream()
                .flatMap(entry -> Stream.of(Reply.bulk(entry.getKey()), entry.getValue()))
                .iterator());
      }
      case Reply.Verbatim(String verbatim) -> writeVerbatim(verbatim, target);
      case Reply.Stored(StoredBytes value) -> writeStored(value, target);
      case Reply.Deferred(DeferredReply source) -> {
        unmade.remove(source);
        Reply made = source.make();
        collect(made);
        write(made, target);
      }
    }
  }

  private void writeVerbatim(String verbatim, ByteBuf target) {
    byte[] bytes = verbatim.getBytes(StandardCharsets.UTF_8);
    if (protocol == Protocol.RESP3) {
      line(target, '=', Integer.toString(bytes.length + 4));
      text(target, "txt:");
    } else {
      line(target, '$', Integer.toString(bytes.length));
    }
    target.writeBytes(bytes);
    line(target);
  }

  private void writeStored(StoredBytes value, ByteBuf target) {
    int start = target.writerIndex();
    long length = value.remaining();
    line(target, '$', Long.toString(length));
    if (length > TOGETHER) {
      streaming = value;
      return;
    }
    target.ensureWritable((int) length);
    ByteBuffer free = target.nioBuffer(target.writerIndex(), (int) length);
    if (value.readAll(MemorySegment.ofBuffer(free))) {
      target.writerIndex(target.writerIndex() + (int) length);
      line(target);
    } else {
      target.writerIndex(start);
      write(Reply.NIL, target);
    }
    end(value);
  }

  private static void line(ByteBuf target, char type, String text) {
    target.writeByte(type);
    text(target, text);
    line(target);
  }

  private static void line(ByteBuf target) {
    target.writeShort('\r' << 8 | '\n');
  }

  private static void text(ByteBuf target, String text) {
    target.writeCharSequence(text, StandardCharsets.ISO_8859_1);
  }

  @Override
  public void close() {
    streaming = null;
    open.clear();
    unread.forEach(StoredBytes::close);
    unread.clear();
    unmade.forEach(DeferredReply::close);
    unmade.clear();
  }
}

package dev.varve.sidecar.resp;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ByteProcessor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests from the bytes of a connection as they come: arrays of bulk strings, or inline
 * commands. Total: any bytes give requests, a wait for more, or a {@link ProtocolException} in
 * Redis's words, and never more memory than the limits allow. For one thread at a time.
 *
 * <p>Source: the protocol specification of Redis, and the behaviour of Redis 7.
 */
public final class RequestDecoder implements AutoCloseable {

  private final Supplier<RespLimits> limits;
  private final Memory memory;
  private final ByteBufAllocator allocator;

  private List<Argument> arguments = new ArrayList<>();
  private int missing;
  private long bulkLength = -1;
  private boolean granted;
  private @Nullable LargeArgument filling;
  private long reserved;
  private boolean starved;

  /**
   * @param limits asked for each request, since they grow with a password
   * @param memory grants what arguments take
   * @param allocator of large arguments
   */
  public RequestDecoder(Supplier<RespLimits> limits, Memory memory, ByteBufAllocator allocator) {
    this.limits = limits;
    this.memory = memory;
    this.allocator = allocator;
  }

  /**
   * The next request, if the bytes hold one; what was read is consumed from {@code in}, the rest
   * must be there again in the next call.
   *
   * @throws ProtocolException if the bytes are no request; nothing can be read after that
   */
  public Optional<Request> next(ByteBuf in) throws ProtocolException {
    starved = false;
    while (missing == 0) {
      if (!in.isReadable()) {
        return Optional.empty();
      }
      if (in.getByte(in.readerIndex()) == '*') {
        if (!beginArray(in)) {
          return Optional.empty();
        }
      } else {
        byte[] line = line(in, "too big inline request");
        if (line == null) {
          return Optional.empty();
        }
        List<Argument> words = InlineArguments.split(line);
        if (!words.isEmpty()) {
          return Optional.of(new Request(words, () -> {}));
        }
      }
    }
    while (missing > 0) {
      if (!readArgument(in)) {
        return Optional.empty();
      }
    }
    return Optional.of(finish());
  }

  /** Whether the last call ended because memory was not granted. */
  public boolean starved() {
    return starved;
  }

  /** Bytes that the last call asked for in vain. */
  public long wanted() {
    return reservation(bulkLength);
  }

  /** Whether a request was begun whose end is missing. */
  public boolean midRequest() {
    return missing > 0;
  }

  private boolean beginArray(ByteBuf in) throws ProtocolException {
    byte[] line = line(in, "too big mbulk count string");
    if (line == null) {
      return false;
    }
    long count = number(line, "invalid multibulk length");
    if (count > RespLimits.STRANGER.arguments() && limits.get().equals(RespLimits.STRANGER)) {
      throw new ProtocolException("unauthenticated multibulk length");
    }
    if (count > limits.get().arguments()) {
      throw new ProtocolException("invalid multibulk length");
    }
    missing = (int) Math.max(count, 0);
    arguments = new ArrayList<>(Math.min(missing, 16));
    return true;
  }

  private boolean readArgument(ByteBuf in) throws ProtocolException {
    if (bulkLength < 0 && !beginBulk(in)) {
      return false;
    }
    if (!granted && !grant()) {
      return false;
    }
    return filling == null ? readSmall(in) : readLarge(in, filling);
  }

  private boolean beginBulk(ByteBuf in) throws ProtocolException {
    byte[] line = line(in, "too big bulk count string");
    if (line == null) {
      return false;
    }
    if (line.length == 0 || line[0] != '$') {
      char found = line.length == 0 ? '\r' : (char) (line[0] & 0xff);
      throw new ProtocolException("expected '$', got '" + found + "'");
    }
    long length = number(line, "invalid bulk length");
    if (length > RespLimits.STRANGER.bulkBytes() && limits.get().equals(RespLimits.STRANGER)) {
      throw new ProtocolException("unauthenticated bulk length");
    }
    if (length < 0 || length > limits.get().bulkBytes()) {
      throw new ProtocolException("invalid bulk length");
    }
    if (reserved + reservation(length) > limits.get().requestBytes()) {
      throw new ProtocolException(
          "the request needs more than the %d bytes that one may have: send it in parts"
              .formatted(limits.get().requestBytes()));
    }
    bulkLength = length;
    return true;
  }

  private boolean grant() {
    starved = !memory.reserve(reservation(bulkLength));
    if (starved) {
      return false;
    }
    reserved += reservation(bulkLength);
    if (bulkLength > Argument.SMALL_BYTES) {
      filling = new LargeArgument(allocator, bulkLength);
    }
    granted = true;
    return true;
  }

  private static long reservation(long length) {
    return length + RespLimits.ARGUMENT_OVERHEAD;
  }

  private boolean readSmall(ByteBuf in) throws ProtocolException {
    int length = (int) bulkLength;
    if (in.readableBytes() < length + 2) {
      return false;
    }
    byte[] bytes = new byte[length];
    in.readBytes(bytes);
    return endBulk(in, Argument.of(bytes));
  }

  private boolean readLarge(ByteBuf in, LargeArgument large) throws ProtocolException {
    large.fill(in);
    return large.full() && in.readableBytes() >= 2 && endBulk(in, large);
  }

  private boolean endBulk(ByteBuf in, Argument argument) throws ProtocolException {
    arguments.add(argument);
    filling = null;
    granted = false;
    bulkLength = -1;
    missing--;
    if (in.readByte() != '\r' || in.readByte() != '\n') {
      throw new ProtocolException("expected the end of a line after a bulk string");
    }
    return true;
  }

  private Request finish() {
    long bytes = reserved;
    Request request = new Request(arguments, () -> memory.release(bytes));
    arguments = new ArrayList<>();
    reserved = 0;
    return request;
  }

  /** The bytes of the next line without its end, or null if it has not come yet. */
  private byte @Nullable [] line(ByteBuf in, String tooLong) throws ProtocolException {
    int limit = limits.get().inlineBytes();
    int searched = Math.min(in.readableBytes(), limit + 1);
    int end = in.forEachByte(in.readerIndex(), searched, ByteProcessor.FIND_LF);
    if (end < 0) {
      if (in.readableBytes() > limit) {
        throw new ProtocolException(tooLong);
      }
      return null;
    }
    byte[] line = new byte[end - in.readerIndex()];
    in.readBytes(line);
    in.skipBytes(1);
    boolean carriage = line.length > 0 && line[line.length - 1] == '\r';
    return carriage ? Arrays.copyOf(line, line.length - 1) : line;
  }

  /** The number that follows the first byte of a line. */
  private static long number(byte[] line, String invalid) throws ProtocolException {
    return Decimal.parse(line, 1, line.length).orElseThrow(() -> new ProtocolException(invalid));
  }

  /** Drops what was begun. */
  @Override
  public void close() {
    if (filling != null) {
      filling.close();
      filling = null;
    }
    finish().close();
    missing = 0;
  }
}

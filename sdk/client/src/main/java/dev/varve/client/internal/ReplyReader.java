package dev.varve.client.internal;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.redis.ArrayHeaderRedisMessage;
import io.netty.handler.codec.redis.BulkStringHeaderRedisMessage;
import io.netty.handler.codec.redis.ErrorRedisMessage;
import io.netty.handler.codec.redis.FullBulkStringRedisMessage;
import io.netty.handler.codec.redis.IntegerRedisMessage;
import io.netty.handler.codec.redis.LastBulkStringRedisContent;
import io.netty.handler.codec.redis.RedisMessage;
import io.netty.handler.codec.redis.SimpleStringRedisMessage;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Reads replies part by part. For one thread at a time. */
public final class ReplyReader {

  private static final int LONGEST_TEXT = 1 << 16;
  private static final int LONGEST_LIST = 1 << 20;

  private final Inbox inbox;
  private final Deadline deadline;
  private boolean begun;

  ReplyReader(Inbox inbox, Deadline deadline) {
    this.inbox = inbox;
    this.deadline = deadline;
  }

  /** Takes the bytes of a bulk string as they come. */
  @FunctionalInterface
  public interface Bytes {

    /**
     * Some bytes.
     *
     * @param part borrowed until the call returns
     */
    void take(ByteBuf part) throws RemoteException;
  }

  private RedisMessage next() throws RemoteException {
    RedisMessage part = inbox.next(deadline);
    boolean first = !begun;
    begun = true;
    if (part instanceof ErrorRedisMessage error) {
      // Behind an error inside of a reply there is more of it, which nobody would read.
      throw first
          ? RemoteException.answered(error.content())
          : RemoteException.broken(error.content());
    }
    return part;
  }

  /** The length of an array. */
  public int array() throws RemoteException {
    RedisMessage part = next();
    if (part instanceof ArrayHeaderRedisMessage header
        && header.length() >= 0
        && header.length() <= Integer.MAX_VALUE) {
      return (int) header.length();
    }
    throw unexpected(part, "an array");
  }

  /** A whole number. */
  public long integer() throws RemoteException {
    RedisMessage part = next();
    if (part instanceof IntegerRedisMessage number) {
      return number.value();
    }
    throw unexpected(part, "a whole number");
  }

  /** A short text. */
  public String simple() throws RemoteException {
    RedisMessage part = next();
    if (part instanceof SimpleStringRedisMessage text) {
      return text.content();
    }
    throw unexpected(part, "a text");
  }

  /**
   * A bulk string, as it comes.
   *
   * @return false if there is no value
   */
  public boolean bulk(Bytes bytes) throws RemoteException {
    RedisMessage part = next();
    if (part instanceof FullBulkStringRedisMessage full) {
      return !full.isNull();
    }
    if (!(part instanceof BulkStringHeaderRedisMessage)) {
      throw unexpected(part, "a value");
    }
    return bulkContent(bytes);
  }

  private boolean bulkContent(Bytes bytes) throws RemoteException {
    boolean last = false;
    while (!last) {
      RedisMessage content = inbox.next(deadline);
      try {
        last = content instanceof LastBulkStringRedisContent;
        bytes.take(Inbox.content(content));
      } finally {
        ReferenceCountUtil.release(content);
      }
    }
    return true;
  }

  /** A bulk string of at most {@code most} little-endian floats. */
  public float[] floats(int most) throws RemoteException {
    ByteBuf bytes = numbers(most);
    float[] floats = new float[bytes.readableBytes() / Float.BYTES];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = bytes.readFloatLE();
    }
    return floats;
  }

  /** A bulk string of at most {@code most} little-endian whole numbers. */
  public int[] ints(int most) throws RemoteException {
    ByteBuf bytes = numbers(most);
    int[] ints = new int[bytes.readableBytes() / Integer.BYTES];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = bytes.readIntLE();
    }
    return ints;
  }

  private ByteBuf numbers(int most) throws RemoteException {
    ByteBuf bytes = Unpooled.buffer();
    boolean present =
        bulk(part -> {
          if (bytes.readableBytes() + part.readableBytes() > (long) most * Integer.BYTES) {
            throw RemoteException.broken("more than " + most + " numbers came");
          }
          bytes.writeBytes(part);
        });
    if (!present || bytes.readableBytes() % Integer.BYTES != 0) {
      throw RemoteException.broken(
          "%d bytes came where numbers were expected".formatted(bytes.readableBytes()));
    }
    return bytes;
  }

  /** A bulk string of at most {@code longest} characters. */
  public String text(int longest) throws RemoteException {
    StringBuilder text = new StringBuilder();
    bulk(part -> append(text, part, longest));
    return text.toString();
  }

  private static void append(StringBuilder text, ByteBuf part, int longest) throws RemoteException {
    if (text.length() + part.readableBytes() > longest) {
      throw RemoteException.broken("a text of more than " + longest + " bytes came");
    }
    text.append(part.toString(StandardCharsets.ISO_8859_1));
  }

  /** Any reply, as a text for each of its leaves, in order. */
  public List<String> leaves() throws RemoteException {
    List<String> leaves = new ArrayList<>();
    addLeaves(leaves);
    return leaves;
  }

  private void addLeaves(List<String> leaves) throws RemoteException {
    RedisMessage part = next();
    if (leaves.size() > LONGEST_LIST) {
      throw unexpected(part, "a shorter list");
    }
    switch (part) {
      case ArrayHeaderRedisMessage header -> {
        for (long i = 0; i < header.length(); i++) {
          addLeaves(leaves);
        }
      }
      case IntegerRedisMessage number -> leaves.add(Long.toString(number.value()));
      case SimpleStringRedisMessage text -> leaves.add(text.content());
      case FullBulkStringRedisMessage _ -> leaves.add("");
      case BulkStringHeaderRedisMessage _ -> leaves.add(text());
      default -> throw unexpected(part, "a reply");
    }
  }

  private String text() throws RemoteException {
    StringBuilder text = new StringBuilder();
    bulkContent(part -> append(text, part, LONGEST_TEXT));
    return text.toString();
  }

  private static RemoteException unexpected(RedisMessage part, String wanted) {
    String what = part.getClass().getSimpleName();
    ReferenceCountUtil.release(part);
    return RemoteException.broken("%s came where %s was expected".formatted(what, wanted));
  }
}

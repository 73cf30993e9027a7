package dev.varve.sidecar.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReplyEncoderTest {

  /** A reply, its bytes in RESP2 and in RESP3. */
  record Golden(Reply reply, String resp2, String resp3) {}

  static List<Golden> golden() {
    return List.of(
        new Golden(Reply.OK, "+OK\r\n", "+OK\r\n"),
        new Golden(Reply.error("no\r\nline"), "-ERR no  line\r\n", "-ERR no  line\r\n"),
        new Golden(Reply.whole(-7), ":-7\r\n", ":-7\r\n"),
        new Golden(Reply.NIL, "$-1\r\n", "_\r\n"),
        new Golden(Reply.bulk(""), "$0\r\n\r\n", "$0\r\n\r\n"),
        new Golden(Reply.bulk("a\r\nb"), "$4\r\na\r\nb\r\n", "$4\r\na\r\nb\r\n"),
        new Golden(Reply.many(), "*0\r\n", "*0\r\n"),
        new Golden(
            Reply.many(Reply.whole(1), Reply.many(Reply.NIL), Reply.OK),
            "*3\r\n:1\r\n*1\r\n$-1\r\n+OK\r\n",
            "*3\r\n:1\r\n*1\r\n_\r\n+OK\r\n"),
        new Golden(
            new Reply.Pairs(List.of(Map.entry("proto", Reply.whole(3)))),
            "*2\r\n$5\r\nproto\r\n:3\r\n",
            "%1\r\n$5\r\nproto\r\n:3\r\n"),
        new Golden(new Reply.Verbatim("hi"), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void writesTheBytesOfBothProtocols(Golden golden) throws BrokenReplyException {
    assertThat(written(golden.reply(), Protocol.RESP2)).isEqualTo(golden.resp2());
    assertThat(written(golden.reply(), Protocol.RESP3)).isEqualTo(golden.resp3());
  }

  @Test
  void writesAValuePieceByPiece() throws BrokenReplyException {
    CountedValue value = new CountedValue(200_000, Integer.MAX_VALUE);
    Reply reply = Reply.many(new Reply.Stored(value), Reply.OK);
    assertThat(written(reply, Protocol.RESP2))
        .isEqualTo("*2\r\n$200000\r\n" + "v".repeat(200_000) + "\r\n+OK\r\n");
    assertThat(value.closed).isEqualTo(1);
  }

  @Test
  void asksForMemoryBeforeEachPiece() {
    try (ReplyEncoder encoder =
        new ReplyEncoder(new Reply.Stored(new CountedValue(100_000, 1)), Protocol.RESP2)) {
      encoder.write(Unpooled.directBuffer(), 1 << 16);
      assertThat(encoder.step()).isEqualTo(new ReplyEncoder.Step.Value(CountedValue.PIECE));
    }
  }

  @Test
  void throwsOnceAValueIsDamagedInTheMiddle() {
    CountedValue value = new CountedValue(200_000, 2);
    assertThatThrownBy(() -> written(new Reply.Stored(value), Protocol.RESP2))
        .isInstanceOf(BrokenReplyException.class);
    assertThat(value.closed).isEqualTo(1);
  }

  @Test
  void answersNilForASmallValueThatIsDamaged() throws BrokenReplyException {
    Reply reply = Reply.many(Reply.OK, new Reply.Stored(new CountedValue(10, 0)), Reply.OK);
    assertThat(written(reply, Protocol.RESP2)).isEqualTo("*3\r\n+OK\r\n$-1\r\n+OK\r\n");
    assertThat(written(new Reply.Stored(new CountedValue(10, 1)), Protocol.RESP3))
        .isEqualTo("$10\r\nvvvvvvvvvv\r\n");
  }

  @Test
  void closesValuesThatNobodyWaitsFor() {
    CountedValue first = new CountedValue(10, 1);
    CountedValue second = new CountedValue(100_000, 1);
    new ReplyEncoder(
            Reply.many(
                new Reply.Stored(first),
                new Reply.Pairs(List.of(Map.entry("name", Reply.many(new Reply.Stored(second)))))),
            Protocol.RESP3)
        .close();
    assertThat(first.closed + second.closed).isEqualTo(2);
  }

  private static String written(Reply reply, Protocol protocol) throws BrokenReplyException {
    ByteBuf out = Unpooled.directBuffer();
    try (ReplyEncoder encoder = new ReplyEncoder(reply, protocol)) {
      while (!(encoder.step() instanceof ReplyEncoder.Step.Done)) {
        ByteBuf piece = Unpooled.directBuffer();
        if (encoder.step() instanceof ReplyEncoder.Step.Value) {
          piece.release();
          piece = encoder.piece(UnpooledByteBufAllocator.DEFAULT).bytes();
        } else {
          encoder.write(piece, 16);
        }
        out.writeBytes(piece);
        piece.release();
      }
    }
    byte[] bytes = new byte[out.readableBytes()];
    out.readBytes(bytes).release();
    return Text.of(bytes);
  }

  private static final class CountedValue implements StoredBytes {

    static final int PIECE = 30_000;

    private long left;
    private int pieces;
    private int closed;

    CountedValue(long left, int pieces) {
      this.left = left;
      this.pieces = pieces;
    }

    @Override
    public long remaining() {
      return left;
    }

    @Override
    public long wanted() {
      return Math.min(left, PIECE);
    }

    @Override
    public Optional<Piece> read(ByteBufAllocator allocator) {
      int length = (int) wanted();
      ByteBuf bytes = allocator.directBuffer(length).writeBytes(Text.bytes("v".repeat(length)));
      left -= length;
      return pieces-- > 0 ? Optional.of(new Piece(bytes)) : Optional.empty();
    }

    @Override
    public boolean readAll(MemorySegment target) {
      target.fill((byte) 'v');
      return pieces-- > 0;
    }

    @Override
    public void close() {
      closed++;
    }
  }
}

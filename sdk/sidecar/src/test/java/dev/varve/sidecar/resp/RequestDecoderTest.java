package dev.varve.sidecar.resp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestDecoderTest {

  private static final RespLimits LIMITS = new RespLimits(100, 1000, 1 << 20, 3 << 20);
  private static final UnpooledByteBufAllocator ALLOCATOR = UnpooledByteBufAllocator.DEFAULT;

  private final CountingMemory memory = new CountingMemory(Long.MAX_VALUE);

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      ignoreLeadingAndTrailingWhitespace = false,
      value = {
        "*1~$4~PING~|PING",
        "*2~$3~GET~$1~k~|GET k",
        "*3~$3~SET~$1~k~$0~~|SET k ",
        "*0~*-1~~~*1~$4~PING~|PING",
        "PING~|PING",
        "  SET  k   v  ~|SET k v",
      })
  void readsRequestsAsRedisDoes(String bytes, String expected) throws ProtocolException {
    assertThat(all(bytes.replace("~", "\r\n"))).containsExactly(expected);
  }

  @Test
  void readsTheQuotesOfATerminal() throws ProtocolException {
    assertThat(all("'SET' k \"a\\x62\\n\"\r\n")).containsExactly("SET k ab\n");
    assertThat(all("'it\\'s'\r\n")).containsExactly("it's");
  }

  @Test
  void readsLinesThatEndWithoutACarriageReturn() throws ProtocolException {
    assertThat(all("*2\n$3\nGET\r\n$1\nk\r\nPING\n")).containsExactly("GET k", "PING");
  }

  @Test
  void readsAPipeline() throws ProtocolException {
    assertThat(all("*1\r\n$4\r\nPING\r\nPING\r\n*2\r\n$4\r\nECHO\r\n$2\r\nhi\r\n"))
        .containsExactly("PING", "PING", "ECHO hi");
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      delimiter = '|',
      value = {
        "*x~|invalid multibulk length",
        "*1001~|invalid multibulk length",
        "*99999999999999999999~|invalid multibulk length",
        "*01~|invalid multibulk length",
        "*+1~|invalid multibulk length",
        "*1~PING~|expected '$', got 'P'",
        "*1~~|expected '$', got '~'",
        "*1~$-1~|invalid bulk length",
        "*1~$1048577~|invalid bulk length",
        "*1~$x~|invalid bulk length",
        "*1~$~|invalid bulk length",
        "*1~$1~ab~|expected the end of a line after a bulk string",
        "SET k \"open~|unbalanced quotes in request",
        "SET k 'a'b~|unbalanced quotes in request",
      })
  void refusesWhatIsNoRequestInTheWordsOfRedis(String bytes, String sentence) {
    assertThatThrownBy(() -> all(bytes.replace("~", "\r\n")))
        .isInstanceOf(ProtocolException.class)
        .hasMessage("Protocol error: " + sentence.replace('~', '\r'));
    assertThat(memory.taken()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"x,too big inline request", "*,too big mbulk count string"})
  void refusesALineThatDoesNotEnd(String start, String sentence) {
    assertThatThrownBy(() -> all(start + "1".repeat(100)))
        .hasMessage("Protocol error: " + sentence);
  }

  @Test
  void refusesARequestThatNeedsTooMuchMemory() {
    assertThatThrownBy(
            () -> all("*4\r\n" + ("$1048576\r\n" + "v".repeat(1 << 20) + "\r\n").repeat(3)))
        .hasMessageContaining("more than the 3145728 bytes")
        .hasMessageContaining("send it in parts");
    assertThat(memory.taken()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"*11\r\n", "*1\r\n$16385\r\n"})
  void allowsAStrangerNoMoreThanAPassword(String bytes) {
    RequestDecoder decoder = new RequestDecoder(() -> RespLimits.STRANGER, memory, ALLOCATOR);
    assertThatThrownBy(() -> decoder.next(buffer(bytes)))
        .hasMessageStartingWith("Protocol error: unauthenticated ");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 32768, 32769, 1 << 20})
  void keepsEveryByteOfAnArgument(int length) throws ProtocolException {
    byte[] value = new byte[length];
    new Random(length).nextBytes(value);
    ByteBuf in = buffer("*2\r\n$4\r\nECHO\r\n$" + length + "\r\n").writeBytes(value);
    try (RequestDecoder decoder = decoder(memory)) {
      assertThat(decoder.next(in)).isEmpty();
      assertThat(decoder.midRequest()).isTrue();
      in.writeBytes(Text.bytes("\r\n"));
      try (Request request = decoder.next(in).orElseThrow()) {
        assertThat(request.argument(1).toBytes()).isEqualTo(value);
        assertThat(request.argument(1).length()).isEqualTo(length);
        assertThat(memory.taken()).isEqualTo(length + 4 + 2 * RespLimits.ARGUMENT_OVERHEAD);
      }
    }
    assertThat(memory.taken()).isZero();
  }

  @Test
  void waitsUntilMemoryIsGranted() throws ProtocolException {
    CountingMemory scarce = new CountingMemory(50_000);
    assertThat(scarce.reserve(20_000)).isTrue();
    ByteBuf in = buffer("*1\r\n$40000\r\n" + "v".repeat(40_000) + "\r\n");
    try (RequestDecoder decoder = decoder(scarce)) {
      assertThat(decoder.next(in)).isEmpty();
      assertThat(decoder.starved()).isTrue();
      assertThat(decoder.wanted()).isEqualTo(40_000 + RespLimits.ARGUMENT_OVERHEAD);
      scarce.release(20_000);
      Optional<Request> request = decoder.next(in);
      assertThat(request).isPresent();
      request.get().close();
    }
    assertThat(scarce.taken()).isZero();
  }

  @Test
  void holdsNothingOfAClientThatLeftMidRequest() throws ProtocolException {
    try (RequestDecoder decoder = decoder(memory)) {
      assertThat(decoder.next(buffer("*2\r\n$3\r\nGET\r\n$1000000\r\n" + "x".repeat(70_000))))
          .isEmpty();
      assertThat(memory.taken()).isGreaterThan(1_000_000);
    }
    assertThat(memory.taken()).isZero();
  }

  private List<String> all(String bytes) throws ProtocolException {
    List<String> found = new ArrayList<>();
    ByteBuf in = buffer(bytes);
    try (RequestDecoder decoder = decoder(memory)) {
      while (true) {
        Optional<Request> next = decoder.next(in);
        if (next.isEmpty()) {
          return found;
        }
        found.add(String.join(" ", Argument.texts(next.get().arguments())));
        next.get().close();
      }
    }
  }

  private static RequestDecoder decoder(Memory memory) {
    return new RequestDecoder(() -> LIMITS, memory, ALLOCATOR);
  }

  private static ByteBuf buffer(String bytes) {
    return Unpooled.buffer().writeBytes(Text.bytes(bytes));
  }
}

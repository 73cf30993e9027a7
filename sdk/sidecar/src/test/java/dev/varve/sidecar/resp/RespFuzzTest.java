package dev.varve.sidecar.resp;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Any bytes in any pieces: requests, a wait for more, or a refusal; and no memory is lost. */
class RespFuzzTest {

  private static final int ROUNDS = 20_000;
  private static final RespLimits LIMITS = new RespLimits(200, 40, 100_000, 300_000);
  private static final byte[] MARKS =
      "*$\r\n-+0123456789\"'\\xGET ".getBytes(StandardCharsets.US_ASCII);

  private final long seed = new Random().nextLong();
  private final Random random = new Random(seed);

  @Test
  void readsTheSameWhateverThePieces() {
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = round % 3 == 0 ? noise() : damaged(requests());
      List<String> whole = read(bytes, bytes.length);
      List<String> cut = read(bytes, 1 + random.nextInt(40));
      assertThat(cut).as("seed %d round %d", seed, round).isEqualTo(whole);
    }
  }

  @Test
  void readsEveryRequestBackThatIsNotDamaged() {
    for (int round = 0; round < ROUNDS / 10; round++) {
      List<List<byte[]>> sent = requests();
      List<String> expected = new ArrayList<>();
      for (List<byte[]> request : sent) {
        expected.add(String.join("|", request.stream().map(Text::of).toList()));
      }
      assertThat(read(bytes(sent), 1 + random.nextInt(5000)))
          .as("seed %d round %d", seed, round)
          .isEqualTo(expected);
    }
  }

  private List<String> read(byte[] bytes, int piece) {
    CountingMemory memory = new CountingMemory(LIMITS.requestBytes());
    List<String> found = new ArrayList<>();
    ByteBuf in = Unpooled.buffer();
    try (RequestDecoder decoder =
        new RequestDecoder(() -> LIMITS, memory, UnpooledByteBufAllocator.DEFAULT)) {
      for (int at = 0; at < bytes.length; at += piece) {
        in.writeBytes(bytes, at, Math.min(piece, bytes.length - at));
        readAll(decoder, in, found);
        in.discardReadBytes();
      }
    } catch (ProtocolException e) {
      found.add(e.getMessage());
    }
    assertThat(memory.taken()).as("seed %d", seed).isZero();
    assertThat(memory.most()).as("seed %d", seed).isLessThanOrEqualTo(LIMITS.requestBytes());
    return found;
  }

  private static void readAll(RequestDecoder decoder, ByteBuf in, List<String> found)
      throws ProtocolException {
    for (Optional<Request> next = decoder.next(in); next.isPresent(); next = decoder.next(in)) {
      found.add(String.join("|", Argument.texts(next.get().arguments())));
      next.get().close();
    }
  }

  private byte[] noise() {
    byte[] bytes = new byte[random.nextInt(120)];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] =
          random.nextInt(8) == 0 ? (byte) random.nextInt() : MARKS[random.nextInt(MARKS.length)];
    }
    return bytes;
  }

  private byte[] damaged(List<List<byte[]>> requests) {
    byte[] bytes = bytes(requests);
    for (int i = random.nextInt(3); i > 0 && bytes.length > 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(3)) {
        case 0 -> bytes[at] = MARKS[random.nextInt(MARKS.length)];
        case 1 -> bytes[at] = (byte) random.nextInt();
        default -> bytes = Arrays.copyOf(bytes, at);
      }
    }
    return bytes;
  }

  private List<List<byte[]>> requests() {
    List<List<byte[]>> requests = new ArrayList<>();
    for (int i = random.nextInt(4); i >= 0; i--) {
      List<byte[]> arguments = new ArrayList<>();
      for (int j = random.nextInt(4); j >= 0; j--) {
        byte[] bytes =
            new byte[random.nextInt(200) == 0 ? random.nextInt(60_000) : random.nextInt(20)];
        random.nextBytes(bytes);
        arguments.add(bytes);
      }
      requests.add(arguments);
    }
    return requests;
  }

  private static byte[] bytes(List<List<byte[]>> requests) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (List<byte[]> request : requests) {
      out.writeBytes(Text.bytes("*" + request.size() + "\r\n"));
      for (byte[] argument : request) {
        out.writeBytes(Text.bytes("$" + argument.length + "\r\n"));
        out.writeBytes(argument);
        out.writeBytes(Text.bytes("\r\n"));
      }
    }
    return out.toByteArray();
  }
}

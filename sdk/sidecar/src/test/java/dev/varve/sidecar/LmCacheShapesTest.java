package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.Encodings;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.Encoding;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectLease;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Values of LMCache that are stored by their shape come back as they must. */
class LmCacheShapesTest {

  private static final String HASH = "0123456789abcdef".repeat(4);
  private static final String CHUNK = "m@01000000@0@" + HASH;
  private static final int ELEMENTS = 2 * TestModel.LAYERS * TestModel.SPAN * 2 * 32;

  @Test
  void knownShapesAreStoredSmallerAndComeBackToTheBit() throws IOException {
    byte[] value = value(ELEMENTS, 1);
    try (TestModel model = new TestModel();
        TestServer server = start(model, Optional.of(Encodings.parse("lossless")));
        WireClient client = server.connect()) {
      set(client, CHUNK, value);
      assertThat(server.objects(Tenant.NONE).bytes()).isLessThan(value.length * 9L / 10);
      assertThat(client.ask("GET", CHUNK)).isEqualTo(bulk(value));
      assertThat(client.ask("STRLEN", CHUNK)).isEqualTo(":" + value.length + "\r\n");
      assertThat(client.ask("GETRANGE", CHUNK, "4090", "8200"))
          .isEqualTo("$4111\r\n" + Text.of(value).substring(4090, 8201) + "\r\n");
      assertThat(client.ask("EXISTS", CHUNK)).isEqualTo(":1\r\n");
      assertThat(client.ask("APPEND", CHUNK, "tail")).isEqualTo(":" + (value.length + 4) + "\r\n");
      assertThat(client.ask("GETRANGE", CHUNK, "-6", "-1"))
          .isEqualTo("$6\r\n" + Text.of(value).substring(value.length - 2) + "tail\r\n");
      assertThat(client.ask("DEL", CHUNK)).isEqualTo(":1\r\n");
      assertThat(client.ask("GET", CHUNK)).isEqualTo("$-1\r\n");
    }
  }

  @Test
  void anApproximationThatWasChosenStaysWithinItsBound() throws IOException {
    byte[] value = value(ELEMENTS, 2);
    try (TestModel model = new TestModel();
        TestServer server = start(model, Optional.of(Encodings.parse("int8")));
        WireClient client = server.connect()) {
      set(client, CHUNK, value);
      assertThat(server.objects(Tenant.NONE).bytes()).isLessThan(value.length * 7L / 10);
      String reply = client.ask("GET", CHUNK);
      String head = "$" + value.length + "\r\n";
      assertThat(reply).startsWith(head);
      byte[] back = Text.bytes(reply.substring(head.length(), head.length() + value.length));
      float peak = 0;
      for (int i = 0; i < ELEMENTS; i++) {
        peak = Math.max(peak, Math.abs(element(value, i)));
      }
      for (int i = 0; i < ELEMENTS; i++) {
        assertThat(Math.abs(element(back, i) - element(value, i))).isLessThan(peak / 100);
      }
    }
  }

  @Test
  void otherLengthsAreStoredAsTheyAre() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = start(model, Optional.of(Encodings.parse("int8")));
        WireClient client = server.connect()) {
      for (int length : new int[] {0, 1, 63, 64, 2 * ELEMENTS - 2, 2 * ELEMENTS + 2}) {
        byte[] value = new byte[length];
        new Random(length).nextBytes(value);
        set(client, CHUNK, value);
        assertThat(client.ask("GET", CHUNK)).isEqualTo(bulk(value));
        assertThat(server.objects(Tenant.NONE).bytes()).isEqualTo(length);
      }
    }
  }

  @Test
  void shapesAreLearntFromTheDescriptionsBesideTheValues() throws IOException {
    byte[] value = value(2 * 3 * 64 * 256, 3);
    String first = "other/model@1@0@-1f3c@bfloat16";
    String second = "other/model@1@0@2a@bfloat16";
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      set(client, first + "kv_bytes", value);
      assertThat(server.objects(Tenant.NONE).bytes()).isEqualTo(value.length);
      set(client, first + "metadata", description(value.length, 1, 3, 2, 3, 64, 256));
      long before = server.objects(Tenant.NONE).bytes();
      set(client, second + "kv_bytes", value);
      set(client, second + "metadata", description(value.length, 1, 3, 2, 3, 64, 256));
      long stored = server.objects(Tenant.NONE).bytes() - before;
      assertThat(stored).isLessThan(value.length * 9L / 10);
      for (String pair : List.of(first, second)) {
        assertThat(client.ask("GET", pair + "kv_bytes")).isEqualTo(bulk(value));
      }
    }
  }

  @Test
  void descriptionsOfNonsenseTeachNothing() throws IOException {
    byte[] value = value(2 * 3 * 64 * 256, 4);
    String pair = "other/model@1@0@2a@bfloat16";
    int[][] nonsense = {
      {value.length, 4, 3, 2, 3, 64, 256},
      {value.length, 1, 9, 2, 3, 64, 256},
      {value.length, 1, 3, 1, 3, 64, 256},
      {value.length - 1, 1, 3, 2, 3, 64, 256},
      {value.length, 1, 3, 2, 3, 1, 16384},
      {0, 1, 3, 2, 0, 0, 0},
      {-1, 1, 3, 2, -3, 64, 256},
      {0, 1, 3, 2, Integer.MAX_VALUE, 4096, Integer.MAX_VALUE},
    };
    try (TestServer server = TestServer.start();
        WireClient client = server.connect()) {
      for (int[] numbers : nonsense) {
        set(client, pair + "metadata", description(numbers));
        set(client, pair + "kv_bytes", value);
        assertThat(server.objects(Tenant.NONE).bytes()).isEqualTo(value.length + 28L);
        assertThat(client.ask("GET", pair + "kv_bytes")).isEqualTo(bulk(value));
      }
    }
  }

  @Test
  void aValueThatBeginsLikeAnEncodedOneComesBackAsItIs() throws IOException {
    byte[] value = value(ELEMENTS, 5);
    String other = "n@01000000@0@" + HASH;
    try (TestModel model = new TestModel();
        TestServer server = start(model, Optional.of(Encodings.parse("lossless")));
        WireClient client = server.connect()) {
      set(client, CHUNK, value);
      byte[] stored = stored(server);
      set(client, other, stored);
      assertThat(client.ask("GET", other)).isEqualTo(bulk(stored));
      assertThat(client.ask("STRLEN", other)).isEqualTo(":" + stored.length + "\r\n");
      set(client, "plain", stored);
      assertThat(client.ask("GET", "plain")).isEqualTo(bulk(stored));
    }
  }

  private static byte[] stored(TestServer server) {
    try (ObjectLease lease = server.objects(Tenant.NONE).lease(Text.bytes(CHUNK)).orElseThrow()) {
      byte[] bytes = new byte[(int) lease.length()];
      assertThat(lease.read(0, MemorySegment.ofArray(bytes))).isTrue();
      return bytes;
    }
  }

  private static TestServer start(TestModel model, Optional<Encoding> lmcache) throws IOException {
    ServedModel served =
        ServedModel.of("m", model.cache(), List.of(Encodings.parse("raw")), lmcache);
    return new TestServer(TestServer.CONFIG, 1 << 24, new Models(List.of(served)));
  }

  private static void set(WireClient client, String key, byte[] value) throws IOException {
    client.request(Text.bytes("SET"), Text.bytes(key), value);
    assertThat(client.read(5)).isEqualTo("+OK\r\n");
  }

  private static byte[] description(int... numbers) {
    ByteBuffer bytes = ByteBuffer.allocate(28).order(ByteOrder.LITTLE_ENDIAN);
    for (int number : numbers) {
      bytes.putInt(number);
    }
    return bytes.array();
  }

  /** Numbers of the type bf16 that are distributed as keys and values are. */
  private static byte[] value(int elements, long seed) {
    Random random = new Random(seed);
    ByteBuffer bytes = ByteBuffer.allocate(2 * elements).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < elements; i++) {
      bytes.putShort((short) (Float.floatToRawIntBits((float) random.nextGaussian()) >>> 16));
    }
    return bytes.array();
  }

  private static float element(byte[] value, int index) {
    int bits = (value[2 * index] & 0xff) | (value[2 * index + 1] & 0xff) << 8;
    return Float.intBitsToFloat(bits << 16);
  }

  private static String bulk(byte[] bytes) {
    return "$" + bytes.length + "\r\n" + Text.of(bytes) + "\r\n";
  }
}

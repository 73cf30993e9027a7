package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sidecar.access.User;
import dev.varve.sidecar.events.AnnouncedBlocks;
import dev.varve.sidecar.events.KvEvent;
import dev.varve.sidecar.events.PutWatch;
import dev.varve.sidecar.observe.Observed;
import dev.varve.sidecar.resp.Reply;
import dev.varve.sidecar.resp.Request;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.Tenant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Events of what is put under an engine's own hashes. */
class PutEventsTest {

  private static final long A = 0x6161616161616161L;
  private static final long B = 0x6262626262626262L;

  private final List<KvEvent> told = new ArrayList<>();

  private void put(Reply reply, String... arguments) {
    try (TestModel model = new TestModel()) {
      PutWatch watch =
          new PutWatch(model.models(), told::addAll, new AnnouncedBlocks(told::addAll));
      Request request = Request.of(arguments);
      watch.ran(new Observed("kv.put", 0, false, 1, Optional.of(User.ANYBODY), request, reply, 1));
    }
  }

  private static String hash(char letter) {
    return "0".repeat(24) + String.valueOf(letter).repeat(8);
  }

  @Test
  void aPutUnderHashesTellsOfTheChunksThatAreStored() {
    Reply two = Reply.whole(2L * TestModel.SPAN);
    put(two, "KV.PUT", "m", "HASHES", "3", hash('a'), hash('b'), hash('c'), "FRAMES", "bytes");
    assertThat(told)
        .containsExactly(
            new KvEvent.BlockStored(List.of(A, B), Optional.empty(), List.of(), TestModel.SPAN));
  }

  @Test
  void aPutOfLaterChunksNamesTheOneBefore() {
    Reply two = Reply.whole(2L * TestModel.SPAN);
    put(
        two, "KV.PUT", "m", "HASHES", "2", hash('a'), hash('b'), "CHUNKS", "1", "1", "FRAMES",
        "bytes");
    assertThat(told)
        .containsExactly(
            new KvEvent.BlockStored(List.of(B), Optional.of(A), List.of(), TestModel.SPAN));
  }

  @Test
  void tokensThatTheEngineToldAreRepeated() {
    byte[] ids = new byte[2 * TestModel.SPAN * Integer.BYTES];
    for (int i = 0; i < 2 * TestModel.SPAN; i++) {
      ids[4 * i] = (byte) i;
      ids[4 * i + 1] = 1;
    }
    String tokens = new String(ids, StandardCharsets.ISO_8859_1);
    Reply two = Reply.whole(2L * TestModel.SPAN);
    put(
        two, "KV.PUT", "m", "HASHES", "2", hash('a'), hash('b'), "TOKENS", tokens, "CHUNKS", "1",
        "1", "FRAMES", "bytes");
    List<Integer> second =
        IntStream.range(TestModel.SPAN, 2 * TestModel.SPAN).map(i -> 256 + i).boxed().toList();
    assertThat(told)
        .containsExactly(
            new KvEvent.BlockStored(List.of(B), Optional.of(A), second, TestModel.SPAN));
  }

  @Test
  void blocksThatAreGoneAreTold() throws IOException {
    try (TestModel model = new TestModel();
        TestServer server = new TestServer(TestServer.CONFIG, 1 << 20, model.models());
        WireClient client = server.connect()) {
      AnnouncedBlocks announced = new AnnouncedBlocks(told::addAll);
      model.cache().onForgotten(announced::forgotten);
      client.request(
          Text.bytes("KV.PUT"),
          Text.bytes("m"),
          Text.bytes("HASHES"),
          Text.bytes("2"),
          Text.bytes(hash('a')),
          Text.bytes(hash('b')),
          Text.bytes("FRAMES"),
          TestModel.frames(0, 2, "raw"));
      assertThat(client.reply()).isEqualTo(":64\r\n");
      Request request =
          Request.of("KV.PUT", "m", "HASHES", "2", hash('a'), hash('b'), "FRAMES", "bytes");
      new PutWatch(model.models(), told::addAll, announced)
          .ran(
              new Observed(
                  "kv.put", 0, false, 1, Optional.of(User.ANYBODY), request, Reply.whole(64), 1));
      assertThat(told).hasSize(1);
      assertThat(model.cache().tenants().erase(Tenant.NONE).chunks()).isEqualTo(2);
      assertThat(told)
          .hasSize(3)
          .contains(new KvEvent.BlockRemoved(List.of(A)), new KvEvent.BlockRemoved(List.of(B)));
    }
  }

  @Test
  void nothingIsToldOfWhatIsRefusedOrNamedByTokens() {
    put(Reply.error("no"), "KV.PUT", "m", "HASHES", "1", hash('a'), "FRAMES", "bytes");
    put(Reply.whole(64), "KV.PUT", "m", "IDS", "1,2,3", "FRAMES", "bytes");
    put(Reply.whole(0), "KV.PUT", "m", "HASHES", "1", hash('a'), "FRAMES", "bytes");
    assertThat(told).isEmpty();
  }
}

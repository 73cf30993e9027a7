package dev.varve.sidecar.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.msgpack.core.MessagePack;

class EventEncoderTest {

  /** The low 64 bits of a real hash, above the largest number with a sign. */
  private static final long HASH = Long.parseUnsignedLong("12687895063098490012");

  @Test
  void writesTheMapsOfVllm() throws IOException {
    byte[] payload =
        EventEncoder.payload(
            1.5,
            List.of(
                new KvEvent.BlockStored(
                    List.of(HASH, 7L), Optional.of(HASH), List.of(1, 2, 3, 4), 2),
                new KvEvent.BlockStored(List.of(9L), Optional.empty(), List.of(), 16),
                new KvEvent.BlockRemoved(List.of(7L)),
                new KvEvent.AllBlocksCleared()));
    String json = MessagePack.newDefaultUnpacker(payload).unpackValue().toJson();
    assertThat(json)
        .isEqualTo(
            "[1.5,[{\"type\":\"BlockStored\",\"block_hashes\":[12687895063098490012,7],"
                + "\"parent_block_hash\":12687895063098490012,\"token_ids\":[1,2,3,4],"
                + "\"block_size\":2,\"medium\":\"STORAGE\"},"
                + "{\"type\":\"BlockStored\",\"block_hashes\":[9],\"parent_block_hash\":null,"
                + "\"token_ids\":[],\"block_size\":16,\"medium\":\"STORAGE\"},"
                + "{\"type\":\"BlockRemoved\",\"block_hashes\":[7],\"medium\":\"STORAGE\"},"
                + "{\"type\":\"AllBlocksCleared\"}],null]");
  }

  @Test
  void writesTheseBytes() {
    byte[] payload = EventEncoder.payload(1.5, List.of(new KvEvent.BlockRemoved(List.of(HASH))));
    assertThat(HexFormat.of().formatHex(payload))
        .isEqualTo(
            "93cb3ff800000000000091"
                + "83a474797065ac426c6f636b52656d6f766564"
                + "ac626c6f636b5f68617368657391cf"
                + Long.toHexString(HASH)
                + "a66d656469756da753544f52414745"
                + "c0");
  }

  @Test
  void refusesTokensThatDoNotFillTheBlocks() {
    assertThatThrownBy(
            () -> new KvEvent.BlockStored(List.of(1L, 2L), Optional.empty(), List.of(1, 2, 3), 2))
        .hasMessageContaining("2 blocks of 2 tokens have not 3 token ids");
  }
}

package dev.varve.sidecar.events;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.List;
import java.util.Optional;
import org.msgpack.core.MessageBufferPacker;
import org.msgpack.core.MessagePack;
import org.msgpack.core.MessagePacker;

/**
 * Writes events in msgpack as vLLM does in the form of maps: {@code [seconds, [event...], nil]}. A
 * field that says what holds without it is left out.
 */
final class EventEncoder {

  private EventEncoder() {}

  /**
   * The payload of one message.
   *
   * @param seconds since 1970
   */
  static byte[] payload(double seconds, List<KvEvent> events) {
    try (MessageBufferPacker packer = MessagePack.newDefaultBufferPacker()) {
      packer.packArrayHeader(3).packDouble(seconds).packArrayHeader(events.size());
      for (KvEvent event : events) {
        write(event, packer);
      }
      packer.packNil();
      return packer.toByteArray();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(KvEvent event, MessagePacker packer) throws IOException {
    switch (event) {
      case KvEvent.BlockStored stored -> {
        packer.packMapHeader(6).packString("type").packString("BlockStored");
        hashes(stored.hashes(), packer);
        packer.packString("parent_block_hash");
        parent(stored.parent(), packer);
        packer.packString("token_ids").packArrayHeader(stored.tokens().size());
        for (int token : stored.tokens()) {
          packer.packInt(token);
        }
        packer.packString("block_size").packInt(stored.blockTokens());
        medium(packer);
      }
      case KvEvent.BlockRemoved removed -> {
        packer.packMapHeader(3).packString("type").packString("BlockRemoved");
        hashes(removed.hashes(), packer);
        medium(packer);
      }
      case KvEvent.AllBlocksCleared _ ->
          packer.packMapHeader(1).packString("type").packString("AllBlocksCleared");
    }
  }

  private static void hashes(List<Long> hashes, MessagePacker packer) throws IOException {
    packer.packString("block_hashes").packArrayHeader(hashes.size());
    for (long hash : hashes) {
      packer.packBigInteger(unsigned(hash));
    }
  }

  private static void parent(Optional<Long> parent, MessagePacker packer) throws IOException {
    if (parent.isPresent()) {
      packer.packBigInteger(unsigned(parent.get()));
    } else {
      packer.packNil();
    }
  }

  private static void medium(MessagePacker packer) throws IOException {
    packer.packString("medium").packString(KvEvent.MEDIUM);
  }

  private static BigInteger unsigned(long hash) {
    return new BigInteger(Long.toUnsignedString(hash));
  }
}

package dev.varve.store.remote;

import dev.varve.store.BlockKey;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.Tenant;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Names in a remote store; {@code docs/formats/remote.md} specifies them. A chunk and an object are
 * a hash each, so that what belongs together is in one place and leaves together.
 */
final class RemoteKeys {

  private static final String BLOCKS = "varve:1:b:{";
  private static final String OBJECTS = "varve:1:o:{";
  private static final int PREFIX_BYTES = 16;
  private static final int BLOCK_FIELD = 4;
  private static final int EXTENT_FIELD = 13;

  private RemoteKeys() {}

  /** The hash that holds the blocks of a chunk. */
  static byte[] chunk(ChunkKey chunk) {
    return ascii(
        BLOCKS
            + chunk.tenant().hash()
            + front(chunk.fingerprint().digest())
            + front(chunk.chain().digest())
            + "}");
  }

  /** A block in the hash of its chunk: layer and encoding, big-endian. */
  static byte[] block(BlockKey key) {
    return ByteBuffer.allocate(BLOCK_FIELD)
        .putShort((short) key.layer())
        .putShort((short) key.encoding().id())
        .array();
  }

  /** The block that a field of a chunk names; empty if it names none. */
  static Optional<BlockKey> block(ChunkKey chunk, byte[] field) {
    if (field.length != BLOCK_FIELD) {
      return Optional.empty();
    }
    ByteBuffer bytes = ByteBuffer.wrap(field);
    try {
      int layer = Short.toUnsignedInt(bytes.getShort());
      return Optional.of(chunk.block(layer, Encoding.of(Short.toUnsignedInt(bytes.getShort()))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** The hash that holds an object. */
  static byte[] object(Tenant tenant, byte[] name) {
    MessageDigest digest = Digest256.sha256();
    digest.update(name);
    return ascii(OBJECTS + tenant.hash() + HexFormat.of().formatHex(digest.digest()) + "}");
  }

  /** An extent in the hash of its object. */
  static byte[] extent(long writer, int index) {
    return ByteBuffer.allocate(EXTENT_FIELD).put((byte) 'e').putLong(writer).putInt(index).array();
  }

  /** A pattern that all names of a tenant match, and no others. */
  static String ofTenant(Tenant tenant) {
    return "varve:1:[bo]:{" + tenant.hash() + "*";
  }

  /** A pattern that the objects of a tenant match, and no others. */
  static String objectsOf(Tenant tenant) {
    return OBJECTS + tenant.hash() + "*";
  }

  /** A pattern that the chunks of a model match, of whatever tenant, and no other model's. */
  static String ofModel(Fingerprint model) {
    return BLOCKS + "?".repeat(2 * Tenant.BYTES) + front(model.digest()) + "*";
  }

  private static String front(Digest256 digest) {
    return HexFormat.of().formatHex(digest.toBytes(), 0, PREFIX_BYTES);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

package dev.varve.offload.object;

import dev.varve.store.ChainKey;
import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectPieces;
import dev.varve.store.object.ObjectSpace;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/** Names an object: whose it is, and the SHA-256 of what its caller calls it. */
record ObjectName(Tenant tenant, Digest256 digest) {

  private static final int MANIFEST = -1;

  /** The object that {@code tenant} calls so; refuses a name that is too long. */
  static ObjectName of(Tenant tenant, byte[] name) {
    if (name.length > ObjectSpace.MAX_NAME_BYTES) {
      throw new IllegalArgumentException(
          "the name of an object has "
              + name.length
              + " bytes, at most "
              + ObjectSpace.MAX_NAME_BYTES
              + " are stored: use a shorter one, such as its digest");
    }
    MessageDigest digest = Digest256.sha256();
    digest.update(name);
    return new ObjectName(tenant, Digest256.finish(digest));
  }

  /** The chunk that holds a version's manifest. */
  ChunkKey manifest(long version) {
    return new ChunkKey(tenant, ObjectPieces.MANIFESTS, chain(version, MANIFEST));
  }

  /** The chunk that holds one extent. */
  ChunkKey extent(Extent extent) {
    return extent(extent.writer(), extent.index());
  }

  /** The chunk that holds an extent that a writer wrote. */
  ChunkKey extent(long writer, int index) {
    Checks.notNegative(index, "index");
    return new ChunkKey(tenant, ObjectPieces.EXTENTS, chain(writer, index));
  }

  private ChainKey chain(long number, int index) {
    MessageDigest hash = Digest256.sha256();
    hash.update(ByteBuffer.allocate(16).putLong(tenant.high()).putLong(tenant.low()).flip());
    hash.update(digest.toBytes());
    hash.update(ByteBuffer.allocate(12).putLong(number).putInt(index).flip());
    return new ChainKey(Digest256.finish(hash));
  }

  @Override
  public String toString() {
    return "object " + digest.shortHex();
  }
}

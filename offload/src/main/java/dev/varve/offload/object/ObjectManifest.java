package dev.varve.offload.object;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectSpace;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One version of an object: what its caller calls it and what it consists of. Immutable.
 *
 * @param key what the caller calls it, at most {@link ObjectSpace#MAX_NAME_BYTES} bytes; read-only
 * @param version above that of every version before it
 * @param expiresAtMillis when it ends, in milliseconds since 1970, or {@link ObjectInfo#NEVER}
 * @param group those that it lives and dies with
 * @param extents its bytes in order; empty for an object without bytes
 */
record ObjectManifest(
    ObjectName name,
    ByteBuffer key,
    long version,
    long expiresAtMillis,
    Optional<Digest256> group,
    List<Extent> extents) {

  /** Most extents of an object. */
  static final int MAX_EXTENTS = 1 << 14;

  ObjectManifest {
    Checks.inRange(key.remaining(), 0, ObjectSpace.MAX_NAME_BYTES, "bytes of the name");
    if (version < 0) {
      throw new IllegalArgumentException("version must not be negative: " + version);
    }
    Checks.inRange(extents.size(), 0, MAX_EXTENTS, "extents");
    key = key.asReadOnlyBuffer();
    extents = List.copyOf(extents);
    long bytes = bytes(extents);
    if (bytes > ObjectSpace.MAX_BYTES) {
      throw new IllegalArgumentException(
          "an object of " + bytes + " bytes is above the limit of " + ObjectSpace.MAX_BYTES);
    }
  }

  @Override
  public ByteBuffer key() {
    return key.duplicate();
  }

  /** What the caller calls it, as an array of its own. */
  byte[] keyBytes() {
    byte[] bytes = new byte[key.remaining()];
    key().get(bytes);
    return bytes;
  }

  /** Length of the object. */
  long bytes() {
    return bytes(extents);
  }

  private static long bytes(List<Extent> extents) {
    return extents.stream().mapToLong(Extent::bytes).sum();
  }

  /** What callers are told of it. */
  ObjectInfo info() {
    return new ObjectInfo(bytes(), version, expiresAtMillis);
  }

  /** The chunk that holds this manifest. */
  ChunkKey chunk() {
    return name.manifest(version);
  }

  /** The chunks of its extents, in order. */
  List<ChunkKey> extentChunks() {
    List<ChunkKey> chunks = new ArrayList<>(extents.size());
    extents.forEach(extent -> chunks.add(name.extent(extent)));
    return chunks;
  }

  /** All chunks of it, the manifest's last. */
  List<ChunkKey> chunks() {
    List<ChunkKey> chunks = extentChunks();
    chunks.add(chunk());
    return chunks;
  }

  /** The same bytes with another end. */
  ObjectManifest expiringAt(long millis, long newVersion) {
    return new ObjectManifest(name, key, newVersion, millis, group, extents);
  }
}

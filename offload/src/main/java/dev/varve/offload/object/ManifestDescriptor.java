package dev.varve.offload.object;

import dev.varve.store.Checks;
import dev.varve.store.ChunkKey;
import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The bytes of an {@link ObjectManifest}, little-endian; the payload of a block. Specified in
 * {@code docs/formats/object.md}.
 *
 * <pre>
 *  0       4     6     8            16        24       28        32          64
 *  +-------+-----+-----+------------+---------+--------+---------+-----------+
 *  | magic | ver |flags| expires at | version | name   | extents | group     |
 *  |       |     |     | (ms)       |         | bytes  |         | or zero   |
 *  +-------+-----+-----+------+-----+---------+--------+---------+-----------+
 *  16 per extent: writer,     | name
 *  |  index, bytes            |
 *  +--------------------------+------
 * </pre>
 */
final class ManifestDescriptor {

  /** First four bytes: {@code VRVO}. */
  static final int MAGIC = 0x4F565256;

  static final int VERSION = 1;

  static final int MAGIC_OFFSET = 0;
  static final int FORMAT_OFFSET = 4;
  static final int FLAGS_OFFSET = 6;
  static final int EXPIRY_OFFSET = 8;
  static final int VERSION_OFFSET = 16;
  static final int NAME_BYTES_OFFSET = 24;
  static final int EXTENTS_OFFSET = 28;
  static final int GROUP_OFFSET = 32;
  static final int HEADER_LENGTH = GROUP_OFFSET + Digest256.BYTES;
  static final int EXTENT_LENGTH = Long.BYTES + 2 * Integer.BYTES;

  /** Flag of an object that belongs to a group. */
  static final int GROUPED = 1;

  /** Bytes of the largest manifest. */
  static final int MAX_BYTES =
      HEADER_LENGTH + EXTENT_LENGTH * ObjectManifest.MAX_EXTENTS + ObjectSpace.MAX_NAME_BYTES;

  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private ManifestDescriptor() {}

  /** Bytes that {@code manifest} takes. */
  static int length(ObjectManifest manifest) {
    return length(manifest.extents().size(), manifest.key().remaining());
  }

  private static int length(int extents, int nameBytes) {
    return HEADER_LENGTH + EXTENT_LENGTH * extents + nameBytes;
  }

  /** Writes {@code manifest} to the front of {@code target}. */
  static void write(ObjectManifest manifest, MemorySegment target) {
    target.asSlice(0, HEADER_LENGTH).fill((byte) 0);
    target.set(INT, MAGIC_OFFSET, MAGIC);
    target.set(SHORT, FORMAT_OFFSET, (short) VERSION);
    target.set(SHORT, FLAGS_OFFSET, (short) (manifest.group().isPresent() ? GROUPED : 0));
    target.set(LONG, EXPIRY_OFFSET, manifest.expiresAtMillis());
    target.set(LONG, VERSION_OFFSET, manifest.version());
    target.set(INT, NAME_BYTES_OFFSET, manifest.key().remaining());
    target.set(INT, EXTENTS_OFFSET, manifest.extents().size());
    manifest.group().ifPresent(group -> group.write(target, GROUP_OFFSET));
    long at = HEADER_LENGTH;
    for (Extent extent : manifest.extents()) {
      target.set(LONG, at, extent.writer());
      target.set(INT, at + Long.BYTES, extent.index());
      target.set(INT, at + Long.BYTES + Integer.BYTES, extent.bytes());
      at += EXTENT_LENGTH;
    }
    ByteBuffer name = manifest.key();
    target.asSlice(at, name.remaining()).copyFrom(MemorySegment.ofBuffer(name));
  }

  /**
   * Reads a manifest that stands in the chunk of this key; total, whatever the bytes are.
   *
   * @param source exactly the manifest's bytes
   */
  static ManifestReading read(MemorySegment source, ChunkKey chunk) {
    if (source.byteSize() < HEADER_LENGTH || source.byteSize() > MAX_BYTES) {
      return refused("a manifest cannot have " + source.byteSize() + " bytes");
    }
    int magic = source.get(INT, MAGIC_OFFSET);
    int format = Short.toUnsignedInt(source.get(SHORT, FORMAT_OFFSET));
    if (magic != MAGIC || format != VERSION) {
      return refused(
          "begins with 0x%08x and version %d, a manifest with 0x%08x and %d"
              .formatted(magic, format, MAGIC, VERSION));
    }
    try {
      int nameBytes = source.get(INT, NAME_BYTES_OFFSET);
      int count = source.get(INT, EXTENTS_OFFSET);
      Checks.inRange(nameBytes, 0, ObjectSpace.MAX_NAME_BYTES, "bytes of the name");
      Checks.inRange(count, 0, ObjectManifest.MAX_EXTENTS, "extents");
      Checks.inRange(source.get(SHORT, FLAGS_OFFSET), 0, GROUPED, "flags");
      if (source.byteSize() != length(count, nameBytes)) {
        return refused(source.byteSize() + " bytes, its fields say " + length(count, nameBytes));
      }
      ObjectManifest manifest = readFields(source, chunk.tenant(), nameBytes, count);
      return manifest.chunk().equals(chunk)
          ? new ManifestReading.Sound(manifest)
          : refused("it is version " + manifest.version() + " of another object or version");
    } catch (IllegalArgumentException e) {
      return refused("impossible field: " + e.getMessage());
    }
  }

  private static ObjectManifest readFields(
      MemorySegment source, Tenant tenant, int nameBytes, int count) {
    List<Extent> extents = new ArrayList<>(count);
    long at = HEADER_LENGTH;
    for (int i = 0; i < count; i++) {
      extents.add(
          new Extent(
              source.get(LONG, at),
              source.get(INT, at + Long.BYTES),
              source.get(INT, at + Long.BYTES + Integer.BYTES)));
      at += EXTENT_LENGTH;
    }
    byte[] key = source.asSlice(at, nameBytes).toArray(ValueLayout.JAVA_BYTE);
    return new ObjectManifest(
        ObjectName.of(tenant, key),
        ByteBuffer.wrap(key),
        source.get(LONG, VERSION_OFFSET),
        source.get(LONG, EXPIRY_OFFSET),
        source.get(SHORT, FLAGS_OFFSET) == GROUPED
            ? Optional.of(Digest256.read(source, GROUP_OFFSET))
            : Optional.empty(),
        extents);
  }

  private static ManifestReading refused(String reason) {
    return new ManifestReading.Refused(reason);
  }
}

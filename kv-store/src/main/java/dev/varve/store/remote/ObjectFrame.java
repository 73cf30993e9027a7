package dev.varve.store.remote;

import dev.varve.store.BlockChecksum;
import dev.varve.store.Digest256;
import dev.varve.store.Tenant;
import dev.varve.store.object.ObjectInfo;
import dev.varve.store.object.ObjectSpace;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The bytes of an object in a remote store, little-endian: a head, which holds a short object
 * whole, and extents; {@code docs/formats/remote.md} specifies both. Each ends with a CRC32C.
 */
final class ObjectFrame {

  /** Longest object that its head holds, and length of every extent but the last. */
  static final int EXTENT_BYTES = 1 << 20;

  /** First four bytes of a head: {@code VRVS}. */
  private static final int MAGIC = 0x53565256;

  private static final int VERSION = 1;
  private static final int LENGTH_OFFSET = 8;
  private static final int EXPIRY_OFFSET = 16;
  private static final int VERSION_OFFSET = 24;
  private static final int WRITER_OFFSET = 32;
  private static final int TENANT_OFFSET = 40;
  private static final int GROUP_OFFSET = 56;
  private static final int NAME_BYTES_OFFSET = 88;
  private static final int HEAD = 92;
  private static final int CRC = 4;
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final Digest256 NO_GROUP = new Digest256(0, 0, 0, 0);

  private ObjectFrame() {}

  /** What bytes from a server turned out to be. */
  sealed interface Reading {

    /** The head of the object that was asked for. */
    record Sound(RemoteObject object) implements Reading {}

    /** Nothing that may be used. */
    record Refused(String reason) implements Reading {}
  }

  /** A head; the object stands in it if it has an inline part. */
  static byte[] head(Tenant tenant, byte[] name, RemoteObject object) {
    long inline = object.inline().map(MemorySegment::byteSize).orElse(0L);
    byte[] frame = new byte[Math.toIntExact(HEAD + name.length + inline + CRC)];
    MemorySegment bytes = MemorySegment.ofArray(frame);
    bytes.set(INT, 0, MAGIC);
    bytes.set(INT, 4, VERSION);
    bytes.set(LONG, LENGTH_OFFSET, object.info().length());
    bytes.set(LONG, EXPIRY_OFFSET, object.info().expiresAtMillis());
    bytes.set(LONG, VERSION_OFFSET, object.info().version());
    bytes.set(LONG, WRITER_OFFSET, object.writer());
    tenant.write(bytes, TENANT_OFFSET);
    object.group().orElse(NO_GROUP).write(bytes, GROUP_OFFSET);
    bytes.set(INT, NAME_BYTES_OFFSET, name.length);
    bytes.asSlice(HEAD).copyFrom(MemorySegment.ofArray(name));
    object.inline().ifPresent(part -> bytes.asSlice(HEAD + name.length).copyFrom(part));
    seal(bytes);
    return frame;
  }

  private static void seal(MemorySegment bytes) {
    long end = bytes.byteSize() - CRC;
    bytes.set(INT, end, BlockChecksum.crc32c(bytes.asSlice(0, end)));
  }

  private static boolean sealed(MemorySegment bytes) {
    long end = bytes.byteSize() - CRC;
    return bytes.get(INT, end) == BlockChecksum.crc32c(bytes.asSlice(0, end));
  }

  /** Judges a head; total, whatever the bytes are. */
  static Reading read(byte[] frame, Tenant tenant, byte[] name) {
    MemorySegment bytes = MemorySegment.ofArray(frame);
    if (frame.length < HEAD + CRC) {
      return new Reading.Refused(
          "a head has at least " + (HEAD + CRC) + " bytes, there are " + frame.length);
    }
    if (bytes.get(INT, 0) != MAGIC || bytes.get(INT, 4) != VERSION) {
      return new Reading.Refused("no head of version " + VERSION);
    }
    if (!sealed(bytes)) {
      return new Reading.Refused("CRC of the head does not match");
    }
    int nameBytes = bytes.get(INT, NAME_BYTES_OFFSET);
    long length = bytes.get(LONG, LENGTH_OFFSET);
    if (nameBytes != name.length || frame.length - HEAD - CRC < nameBytes) {
      return new Reading.Refused("the head of another object");
    }
    boolean named =
        bytes.asSlice(HEAD, nameBytes).mismatch(MemorySegment.ofArray(name)) < 0
            && Tenant.read(bytes, TENANT_OFFSET).equals(tenant);
    if (!named) {
      return new Reading.Refused("the head of another object");
    }
    long inline = (long) frame.length - HEAD - CRC - nameBytes;
    if (length < 0 || length > ObjectSpace.MAX_BYTES) {
      return new Reading.Refused("impossible length " + length);
    }
    if (inline != (length <= EXTENT_BYTES ? length : 0)) {
      return new Reading.Refused(inline + " bytes in the head of an object of " + length);
    }
    Digest256 group = Digest256.read(bytes, GROUP_OFFSET);
    return new Reading.Sound(
        new RemoteObject(
            new ObjectInfo(length, bytes.get(LONG, VERSION_OFFSET), bytes.get(LONG, EXPIRY_OFFSET)),
            group.equals(NO_GROUP) ? Optional.empty() : Optional.of(group),
            bytes.get(LONG, WRITER_OFFSET),
            length <= EXTENT_BYTES
                ? Optional.of(bytes.asSlice(HEAD + nameBytes, inline))
                : Optional.empty()));
  }

  /** An extent: its bytes, and a checksum of them and of its field's name. */
  static byte[] extent(byte[] field, MemorySegment part) {
    byte[] frame = new byte[Math.toIntExact(part.byteSize() + CRC)];
    MemorySegment bytes = MemorySegment.ofArray(frame);
    bytes.copyFrom(part);
    bytes.set(INT, part.byteSize(), checksum(field, part));
    return frame;
  }

  /** The bytes of an extent; empty if they are not what was written under this name. */
  static Optional<MemorySegment> part(byte[] field, byte[] frame, long length) {
    MemorySegment bytes = MemorySegment.ofArray(frame);
    if (frame.length != length + CRC) {
      return Optional.empty();
    }
    MemorySegment part = bytes.asSlice(0, length);
    return bytes.get(INT, length) == checksum(field, part) ? Optional.of(part) : Optional.empty();
  }

  private static int checksum(byte[] field, MemorySegment part) {
    return BlockChecksum.crc32c(MemorySegment.ofArray(field)) ^ BlockChecksum.crc32c(part);
  }
}

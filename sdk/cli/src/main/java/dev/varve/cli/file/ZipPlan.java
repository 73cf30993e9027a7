package dev.varve.cli.file;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Lays out a zip archive of stored members, with Zip64 fields; checksums are left at zero. */
final class ZipPlan {

  private static final int VERSION = 45;
  private static final int ZIP64_FIELD = 1;

  /** Midnight of 1 January 1980, as numpy writes it: no archive tells when it was made. */
  private static final int NO_DATE = 0x21;

  private static final int IN_EXTRA = 0xffffffff;
  private static final int SUM_OFFSET = 14;

  private final List<Placed> members = new ArrayList<>();
  private long next;

  /**
   * A member.
   *
   * @param name its name
   * @param offset where its front begins in the archive
   * @param front its zip header and what precedes the elements
   * @param size bytes of the member
   * @param data where the elements begin
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on to the writer, never compared
  record Placed(String name, long offset, byte[] front, long size, long data) {

    /** The checksum of the member, that stands in its front and in the directory. */
    SumField sum(long inDirectory) {
      long elements = size - (data - start());
      Extent covered = new Extent(start(), data - start() + elements);
      return new SumField(covered, List.of(offset + SUM_OFFSET, inDirectory));
    }

    private long start() {
      return offset + local(name).length;
    }
  }

  /**
   * The end of the archive.
   *
   * @param offset where it begins
   * @param bytes its bytes
   * @param sums where the checksum of each member stands
   */
  @SuppressWarnings("ArrayRecordComponent") // handed on to the writer, never compared
  record Directory(long offset, byte[] bytes, List<Long> sums) {}

  /** Adds a member of {@code head} and {@code elements} more bytes. */
  Placed add(String name, byte[] head, long elements) {
    byte[] local = local(name);
    long size = head.length + elements;
    byte[] front = new byte[local.length + head.length];
    ByteBuffer.wrap(front)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(local)
        .put(head)
        .putLong(local.length - 2 * Long.BYTES, size)
        .putLong(local.length - Long.BYTES, size);
    Placed placed = new Placed(name, next, front, size, next + front.length);
    members.add(placed);
    next = placed.data() + elements;
    return placed;
  }

  private static byte[] local(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    return buffer(30 + text.length + 20)
        .putInt(0x04034b50)
        .putShort((short) VERSION)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) 0)
        .putShort((short) NO_DATE)
        .putInt(0)
        .putInt(IN_EXTRA)
        .putInt(IN_EXTRA)
        .putShort((short) text.length)
        .putShort((short) 20)
        .put(text)
        .putShort((short) ZIP64_FIELD)
        .putShort((short) 16)
        .putLong(0)
        .putLong(0)
        .array();
  }

  /** The directory of all members. */
  Directory directory() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    List<Long> sums = new ArrayList<>();
    for (Placed member : members) {
      sums.add(next + out.size() + 16);
      byte[] text = member.name().getBytes(StandardCharsets.UTF_8);
      out.writeBytes(
          buffer(46 + text.length + 28)
              .putInt(0x02014b50)
              .putShort((short) VERSION)
              .putShort((short) VERSION)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) NO_DATE)
              .putInt(0)
              .putInt(IN_EXTRA)
              .putInt(IN_EXTRA)
              .putShort((short) text.length)
              .putShort((short) 28)
              .putShort((short) 0)
              .putShort((short) 0)
              .putShort((short) 0)
              .putInt(0)
              .putInt(IN_EXTRA)
              .put(text)
              .putShort((short) ZIP64_FIELD)
              .putShort((short) 24)
              .putLong(member.size())
              .putLong(member.size())
              .putLong(member.offset())
              .array());
    }
    long size = out.size();
    out.writeBytes(
        buffer(56 + 20 + 22)
            .putInt(0x06064b50)
            .putLong(44)
            .putShort((short) VERSION)
            .putShort((short) VERSION)
            .putInt(0)
            .putInt(0)
            .putLong(members.size())
            .putLong(members.size())
            .putLong(size)
            .putLong(next)
            .putInt(0x07064b50)
            .putInt(0)
            .putLong(next + size)
            .putInt(1)
            .putInt(0x06054b50)
            .putShort((short) 0)
            .putShort((short) 0)
            .putShort((short) Math.min(members.size(), 0xffff))
            .putShort((short) Math.min(members.size(), 0xffff))
            .putInt(IN_EXTRA)
            .putInt(IN_EXTRA)
            .putShort((short) 0)
            .array());
    return new Directory(next, out.toByteArray(), List.copyOf(sums));
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

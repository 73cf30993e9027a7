package dev.varve.cli.file;

import java.util.ArrayList;
import java.util.List;

/** Reads the directory at the end of a zip archive, Zip64 included (PKWARE's APPNOTE). */
final class ZipDirectory {

  private static final int LOCAL = 0x04034b50;
  private static final int CENTRAL = 0x02014b50;
  private static final int END = 0x06054b50;
  private static final int END64 = 0x06064b50;
  private static final int LOCATOR64 = 0x07064b50;
  private static final int END_BYTES = 22;
  private static final int LOCATOR64_BYTES = 20;
  private static final int CENTRAL_BYTES = 46;
  private static final int LOCAL_BYTES = 30;
  private static final int LONGEST_COMMENT = 0xffff;
  private static final long IN_EXTRA = 0xffffffffL;
  private static final int ENCRYPTED = 1;
  private static final int SUM_FOLLOWS = 1 << 3;
  private static final int STORED = 0;
  private static final int DEFLATED = 8;
  private static final int MOST_MEMBERS = 1 << 20;

  private final ForeignFile file;

  private ZipDirectory(ForeignFile file) {
    this.file = file;
  }

  static boolean recognises(ForeignFile file) {
    return file.startsWith('P', 'K', 3, 4) || file.startsWith('P', 'K', 5, 6);
  }

  /** All members in the order of the directory. */
  static List<ZipMember> read(ForeignFile file) {
    return new ZipDirectory(file).members();
  }

  private List<ZipMember> members() {
    long end = end();
    long count = file.u16(end + 10, "the zip directory");
    long at = file.u32(end + 16, "the zip directory");
    long locator = end - LOCATOR64_BYTES;
    if (locator >= 0 && file.i32(locator, "the Zip64 locator") == LOCATOR64) {
      long end64 = file.i64(locator + 8, "the Zip64 locator");
      if (file.i32(end64, "the Zip64 directory") != END64) {
        throw file.refused("the Zip64 directory is not where the archive says: it is damaged");
      }
      count = file.i64(end64 + 32, "the Zip64 directory");
      at = file.i64(end64 + 48, "the Zip64 directory");
    }
    if (count < 0 || count > MOST_MEMBERS) {
      throw file.refused("%d members, at most %d are read".formatted(count, MOST_MEMBERS));
    }
    List<ZipMember> members = new ArrayList<>();
    for (long i = 0; i < count; i++) {
      if (file.i32(at, "a zip entry") != CENTRAL) {
        throw file.refused("zip entry %d is damaged".formatted(i));
      }
      members.add(member(at));
      at +=
          CENTRAL_BYTES
              + file.u16(at + 28, "a zip entry")
              + file.u16(at + 30, "a zip entry")
              + (long) file.u16(at + 32, "a zip entry");
    }
    return members;
  }

  private long end() {
    long first = Math.max(0, file.size() - END_BYTES - LONGEST_COMMENT);
    for (long at = file.size() - END_BYTES; at >= first; at--) {
      if (file.i32(at, "the zip directory") == END) {
        return at;
      }
    }
    throw file.refused("the zip archive has no directory at its end: it is truncated");
  }

  private ZipMember member(long at) {
    int flags = file.u16(at + 8, "a zip entry");
    int method = file.u16(at + 10, "a zip entry");
    int nameBytes = file.u16(at + 28, "a zip entry");
    String name = file.text(at + CENTRAL_BYTES, nameBytes, "the name of a zip entry");
    long packed = file.u32(at + 20, "a zip entry");
    long size = file.u32(at + 24, "a zip entry");
    long local = file.u32(at + 42, "a zip entry");
    long extra = at + CENTRAL_BYTES + nameBytes;
    long extraEnd = extra + file.u16(at + 30, "a zip entry");
    while (extra + 4 <= extraEnd) {
      long field = extra + 4;
      if (file.u16(extra, "a zip field") == 1) {
        if (size == IN_EXTRA) {
          size = file.i64(field, "a Zip64 field");
          field += Long.BYTES;
        }
        if (packed == IN_EXTRA) {
          packed = file.i64(field, "a Zip64 field");
          field += Long.BYTES;
        }
        if (local == IN_EXTRA) {
          local = file.i64(field, "a Zip64 field");
        }
      }
      extra += 4 + file.u16(extra + 2, "a zip field");
    }
    if ((flags & ENCRYPTED) != 0 || (method != STORED && method != DEFLATED)) {
      throw file.refused(
          "%s is encrypted or packed by method %d: stored and deflated are read"
              .formatted(name, method));
    }
    if (file.i32(local, "a zip entry") != LOCAL) {
      throw file.refused(name + " is not where the archive says: it is damaged");
    }
    long data =
        local + LOCAL_BYTES + file.u16(local + 26, name) + (long) file.u16(local + 28, name);
    file.slice(data, packed, name);
    boolean plain = method == STORED && (flags & SUM_FOLLOWS) == 0;
    if (size < 0 || (plain && size != packed)) {
      throw file.refused("%s says it has %d bytes in %d: damaged".formatted(name, size, packed));
    }
    return new ZipMember(name, new Extent(data, packed), size, plain, List.of(local + 14, at + 16));
  }
}

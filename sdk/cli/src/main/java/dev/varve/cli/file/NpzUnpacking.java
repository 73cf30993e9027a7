package dev.varve.cli.file;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/** Writes the members of an archive to a temporary one in which they are stored. */
final class NpzUnpacking {

  private static final int PIECE_BYTES = 1 << 20;

  /** Deflate writes no byte in less than this many times fewer. */
  private static final long MOST_GAIN = 1040;

  private final ForeignFile file;
  private final List<ZipMember> members;
  private final Arena arena;

  NpzUnpacking(ForeignFile file, List<ZipMember> members, Arena arena) {
    this.file = file;
    this.members = members;
    this.arena = arena;
  }

  /** A source over the temporary file, which vanishes at once where the system allows it. */
  KvSource open(KindOptions options, NpzKind kind) throws IOException {
    Path folder = Files.createTempDirectory("varve-npz-");
    Path stored = folder.resolve(String.valueOf(file.path().getFileName()));
    try {
      try (AtomicFile target = AtomicFile.create(stored)) {
        write(target);
        target.commit();
      }
      return kind.open(ForeignFile.map(stored, arena), options, arena);
    } catch (ZipException | EOFException e) {
      throw file.refused("the archive cannot be unpacked: " + e.getMessage());
    } finally {
      Files.deleteIfExists(stored);
      Files.deleteIfExists(folder);
    }
  }

  private void write(AtomicFile target) throws IOException {
    ZipPlan zip = new ZipPlan();
    List<ZipPlan.Placed> placed = new ArrayList<>();
    List<Integer> sums = new ArrayList<>();
    try (ZipFile archive = new ZipFile(file.path().toFile())) {
      for (ZipMember member : members) {
        if (member.size() > MOST_GAIN * (member.data().bytes() + 1)) {
          throw file.refused(
              "%s claims %d bytes in %d, no packing does that: it is damaged"
                  .formatted(member.name(), member.size(), member.data().bytes()));
        }
        ZipPlan.Placed place = zip.add(member.name(), new byte[0], member.size());
        target.write(place.offset(), MemorySegment.ofArray(place.front()));
        sums.add(copy(archive, member, target, place.data()));
        placed.add(place);
      }
    }
    ZipPlan.Directory directory = zip.directory();
    target.write(directory.offset(), MemorySegment.ofArray(directory.bytes()));
    for (int i = 0; i < placed.size(); i++) {
      byte[] sum = new byte[Integer.BYTES];
      for (int j = 0; j < sum.length; j++) {
        sum[j] = (byte) (sums.get(i) >>> (Byte.SIZE * j));
      }
      for (long at : placed.get(i).sum(directory.sums().get(i)).fields()) {
        target.write(at, MemorySegment.ofArray(sum));
      }
    }
  }

  private int copy(ZipFile archive, ZipMember member, AtomicFile target, long at)
      throws IOException {
    ZipEntry entry = archive.getEntry(member.name());
    if (entry == null) {
      throw file.refused(member.name() + " cannot be unpacked: the archive is damaged");
    }
    CRC32 sum = new CRC32();
    byte[] piece = new byte[PIECE_BYTES];
    long done = 0;
    try (InputStream in = archive.getInputStream(entry)) {
      for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
        if (count > member.size() - done) {
          throw file.refused(member.name() + " is longer than it says: the archive is damaged");
        }
        sum.update(piece, 0, count);
        target.write(at + done, MemorySegment.ofArray(piece).asSlice(0, count));
        done += count;
      }
    }
    if (done != member.size() || sum.getValue() != entry.getCrc()) {
      throw file.refused(
          "%s has %d bytes of %d or another checksum: the archive is damaged"
              .formatted(member.name(), done, member.size()));
    }
    return (int) sum.getValue();
  }
}

package dev.varve.cli.file;

import dev.varve.compression.Section;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.zip.CRC32;

/** A file whose keys and values are read where they lie. */
final class MappedSource implements KvSource {

  private static final int PIECE_BYTES = 1 << 24;

  private final Arena arena;
  private final ForeignFile file;
  private final KvDescription description;
  private final KvLayout layout;
  private final MemorySegment bytes;

  /**
   * A source over a file that has been read.
   *
   * @param arena owns the mapping; closed with the source
   */
  MappedSource(Arena arena, ForeignFile file, KvDescription description, KvLayout layout) {
    this.arena = arena;
    this.file = file;
    this.description = description;
    this.layout = layout.checked(description);
    this.bytes = file.slice(0, file.size(), "the file");
    layout.sums().forEach(this::checkSum);
  }

  private void checkSum(SumField sum) {
    CRC32 crc = new CRC32();
    for (long done = 0; done < sum.covered().bytes(); done += PIECE_BYTES) {
      long count = Math.min(PIECE_BYTES, sum.covered().bytes() - done);
      crc.update(bytes.asSlice(sum.covered().offset() + done, count).asByteBuffer());
    }
    for (long field : sum.fields()) {
      long stored = file.u32(field, "a checksum");
      if (stored != crc.getValue()) {
        throw file.refused(
            "bytes %d to %d have the checksum 0x%08x, stored is 0x%08x: the file is damaged"
                .formatted(sum.covered().offset(), sum.covered().end(), crc.getValue(), stored));
      }
    }
  }

  @Override
  public KvDescription description() {
    return description;
  }

  @Override
  public KvLayout layout() {
    return layout;
  }

  @Override
  public void read(int layer, Section section, Rows rows) {
    rows.gather(bytes, layout.place(layer, section));
  }

  @Override
  public Optional<MemorySegment> dense(int layer, Section section) {
    SectionPlace place = layout.place(layer, section);
    long element = description.shape().dtype().bytes();
    long row = description.dim(layer, section) * element;
    long head = description.tokens() * row;
    if (place.elementStride() != element
        || place.tokenStride() != row
        || place.headStride() != head) {
      return Optional.empty();
    }
    int heads = description.shape().layers().get(layer).kvHeads();
    return Optional.of(bytes.asSlice(place.offset(), heads * head));
  }

  @Override
  public MemorySegment opaque(Extent extent) {
    return file.slice(extent.offset(), extent.bytes(), "a part");
  }

  @Override
  public void close() {
    arena.close();
  }
}

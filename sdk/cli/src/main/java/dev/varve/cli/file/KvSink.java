package dev.varve.cli.file;

import dev.varve.cli.file.Rows.RunWriter;
import dev.varve.compression.Section;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Writes a file whose layout is known: first the opaque bytes, then keys and values in any order.
 * The file appears with {@link #commit}. For one thread.
 */
public final class KvSink implements AutoCloseable {

  private static final int PIECE_BYTES = 1 << 20;

  private final KvLayout layout;
  private final KvDescription description;
  private final AtomicFile file;
  private final Arena arena = Arena.ofConfined();
  private MemorySegment staging = MemorySegment.NULL;
  private long written;

  private KvSink(KvLayout layout, KvDescription description, AtomicFile file) {
    this.layout = layout;
    this.description = description;
    this.file = file;
  }

  /** Where opaque bytes come from. */
  @FunctionalInterface
  public interface OpaqueBytes {
    /** The bytes of a part of one of {@link KvLayout#opaque}. */
    MemorySegment read(Extent extent) throws IOException;
  }

  /** Begins {@code target} with its opaque bytes. */
  public static KvSink create(
      Path target, KvLayout layout, KvDescription description, OpaqueBytes opaque)
      throws IOException {
    AtomicFile file = AtomicFile.create(target);
    KvSink sink = new KvSink(layout.checked(description), description, file);
    try {
      for (Extent extent : layout.opaque()) {
        for (long done = 0; done < extent.bytes(); done += PIECE_BYTES) {
          long count = Math.min(PIECE_BYTES, extent.bytes() - done);
          Extent piece = new Extent(extent.offset() + done, count);
          file.write(piece.offset(), opaque.read(piece));
        }
      }
    } catch (IOException | RuntimeException e) {
      sink.close();
      throw e;
    }
    return sink;
  }

  /** Writes tokens of one layer. */
  public void write(int layer, Section section, Rows rows) throws IOException {
    long bytes = rows.rowBytes() * rows.heads() * rows.tokens();
    if (staging.byteSize() < bytes) {
      staging = arena.allocate(bytes, Long.BYTES);
    }
    RunWriter writer = file::write;
    rows.scatter(layout.place(layer, section), staging, writer);
    written += bytes;
  }

  /**
   * Puts the file in its place.
   *
   * @throws IllegalStateException if keys or values are missing
   */
  public void commit() throws IOException {
    if (written != description.bytes()) {
      throw new IllegalStateException(
          "%d bytes of keys and values were written, %d are missing"
              .formatted(written, description.bytes() - written));
    }
    for (SumField sum : layout.sums()) {
      MemorySegment crc = MemorySegment.ofArray(new byte[Integer.BYTES]);
      crc.set(
          ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, crc(sum.covered()));
      for (long field : sum.fields()) {
        file.write(field, crc);
      }
    }
    file.commit();
  }

  private int crc(Extent covered) throws IOException {
    CRC32 crc = new CRC32();
    ByteBuffer piece = ByteBuffer.allocate(PIECE_BYTES);
    for (long at = covered.offset(); at < covered.end(); at += piece.limit()) {
      piece.clear().limit((int) Math.min(PIECE_BYTES, covered.end() - at));
      file.read(at, piece);
      crc.update(piece.flip());
    }
    return (int) crc.getValue();
  }

  /** Drops what was not committed. */
  @Override
  public void close() throws IOException {
    arena.close();
    file.close();
  }
}

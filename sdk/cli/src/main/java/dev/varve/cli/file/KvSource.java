package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/** Keys and values to read, whatever file they lie in. Thread-safe until closed. */
public interface KvSource extends AutoCloseable {

  /** What it holds. */
  KvDescription description();

  /** How the file is made up that the keys and values come from. */
  KvLayout layout();

  /** Tokens that are best read at once, from a multiple of them on. */
  default int span() {
    return BlockGeometry.DEFAULT_TOKENS;
  }

  /** Whether layers are best read one after the other for the same tokens. */
  default boolean layersDepend() {
    return false;
  }

  /** Fills the memory of {@code rows} with tokens of one layer. */
  void read(int layer, Section section, Rows rows) throws IOException;

  /** Keys or values of a layer where they lie, if they do so without gaps, head by head. */
  default Optional<MemorySegment> dense(int layer, Section section) {
    return Optional.empty();
  }

  /**
   * Bytes of the original file that are neither keys nor values.
   *
   * @param extent a part of one of {@link KvLayout#opaque}
   */
  MemorySegment opaque(Extent extent) throws IOException;

  @Override
  void close();
}

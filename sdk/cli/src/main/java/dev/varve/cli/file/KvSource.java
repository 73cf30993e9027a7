package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.BlockGeometry;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Optional;

/** Keys and values to read, whatever file they lie in. Thread-safe until closed. */
public interface KvSource extends AutoCloseable {

  /** Token ids in a file. */
  ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

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

  /** The token ids, one for each token, where they are known. */
  default Optional<int[]> tokenIds() throws IOException {
    Optional<Extent> ids = layout().tokenIds();
    return ids.isPresent() && ids.get().bytes() == (long) description().tokens() * Integer.BYTES
        ? Optional.of(opaque(ids.get()).toArray(INT))
        : Optional.empty();
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

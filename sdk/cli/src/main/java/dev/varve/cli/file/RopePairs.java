package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec.Pairing;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A source whose keys are read with the elements that RoPE turns in another order: {@code i} and
 * {@code i + dims/2} of halves become {@code 2i} and {@code 2i + 1}, or the other way round.
 */
final class RopePairs implements KvSource {

  private final KvSource source;
  private final Pairing wanted;

  private RopePairs(KvSource source, Pairing wanted) {
    this.source = source;
    this.wanted = wanted;
  }

  /** A view of {@code source} with the pairing {@code wanted}; closing it closes the source. */
  static KvSource of(KvSource source, Pairing wanted) {
    boolean same =
        source.description().shape().layers().stream()
            .allMatch(layer -> layer.rope().dims() == 0 || layer.rope().pairing() == wanted);
    return same ? source : new RopePairs(source, wanted);
  }

  @Override
  public KvDescription description() {
    return source.description();
  }

  @Override
  public KvLayout layout() {
    return source.layout();
  }

  @Override
  public int span() {
    return source.span();
  }

  @Override
  public boolean layersDepend() {
    return source.layersDepend();
  }

  @Override
  public void read(int layer, Section section, Rows rows) throws IOException {
    source.read(layer, section, rows);
    LayerShape shape = source.description().shape().layers().get(layer);
    if (section == Section.VALUES || shape.rope().pairing() == wanted) {
      return;
    }
    int turned = shape.rope().dims();
    MemorySegment before = MemorySegment.ofArray(new byte[turned * rows.elementBytes()]);
    for (int head = 0; head < rows.heads(); head++) {
      for (int token = 0; token < rows.tokens(); token++) {
        long at = rows.offset() + head * rows.headStride() + token * rows.rowBytes();
        MemorySegment row = rows.memory().asSlice(at, before.byteSize());
        before.copyFrom(row);
        pair(before, row, turned / 2, rows.elementBytes());
      }
    }
  }

  private void pair(MemorySegment before, MemorySegment row, int half, int bytes) {
    for (int i = 0; i < 2 * half; i++) {
      int interleaved = i < half ? 2 * i : 2 * (i - half) + 1;
      int from = wanted == Pairing.INTERLEAVED ? i : interleaved;
      int to = wanted == Pairing.INTERLEAVED ? interleaved : i;
      MemorySegment.copy(before, (long) from * bytes, row, (long) to * bytes, bytes);
    }
  }

  @Override
  public Optional<MemorySegment> dense(int layer, Section section) {
    return section == Section.VALUES ? source.dense(layer, section) : Optional.empty();
  }

  @Override
  public Optional<int[]> tokenIds() throws IOException {
    return source.tokenIds();
  }

  @Override
  public MemorySegment opaque(Extent extent) throws IOException {
    return source.opaque(extent);
  }

  @Override
  public void close() {
    source.close();
  }
}

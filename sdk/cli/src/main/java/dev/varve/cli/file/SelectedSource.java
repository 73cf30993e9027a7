package dev.varve.cli.file;

import dev.varve.compression.Section;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A part of a container: of other layers and of other chunks nothing is read, of other heads
 * nothing is handed out. Does not close the container.
 */
public final class SelectedSource implements KvSource {

  private final ContainerSource whole;
  private final KvSelection selection;
  private final KvDescription description;
  private final List<Integer> layers;
  private final int firstToken;

  /**
   * The part of {@code whole} that {@code selection} names.
   *
   * @throws IllegalArgumentException if the container has not what is named
   */
  public SelectedSource(ContainerSource whole, KvSelection selection) {
    KvDescription of = whole.description();
    this.whole = whole;
    this.selection = selection;
    this.description = selection.applied(of);
    this.layers = selection.layersOf(of);
    this.firstToken = selection.tokensOf(of).first();
  }

  @Override
  public KvDescription description() {
    return description;
  }

  @Override
  public KvLayout layout() {
    return new SafetensorsKind().plan(description, KindOptions.NONE).layout();
  }

  @Override
  public int span() {
    return whole.span();
  }

  @Override
  public boolean layersDepend() {
    return whole.layersDepend();
  }

  @Override
  public void read(int layer, Section section, Rows rows) {
    int number = layers.get(layer);
    int firstHead = selection.headsOf(whole.description().shape().layers().get(number)).first();
    Rows placed =
        new Rows(
            firstToken + rows.first(),
            rows.tokens(),
            rows.heads(),
            rows.dim(),
            rows.elementBytes(),
            rows.memory(),
            rows.offset(),
            rows.headStride());
    whole.read(number, section, firstHead, placed);
  }

  @Override
  public MemorySegment opaque(Extent extent) {
    throw new UnsupportedOperationException("a part has nothing beside its keys and values");
  }

  @Override
  public void close() {}
}

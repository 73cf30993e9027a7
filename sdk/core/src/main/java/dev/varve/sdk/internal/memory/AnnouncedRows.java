package dev.varve.sdk.internal.memory;

/** Private rows and those that the running step has announced. For one thread at a time. */
final class AnnouncedRows implements RowSource {

  private final PrivateRows rows;
  private int announced;

  AnnouncedRows(PrivateRows rows) {
    this.rows = rows;
  }

  /** With so many rows of the step. */
  AnnouncedRows and(int announced) {
    this.announced = announced;
    return this;
  }

  @Override
  public int rows(int layer, int head) {
    return rows.rows(layer, head) + announced;
  }

  @Override
  public int position(int layer, int head, int row) {
    return rows.position(layer, head, row);
  }

  @Override
  public int first(int layer, int head, int row) {
    return rows.first(layer, head, row);
  }

  @Override
  public float weight(int layer, int head, int row) {
    return rows.weight(layer, head, row);
  }

  @Override
  public boolean merged(int layer, int head) {
    return rows.merged(layer, head);
  }

  @Override
  public float[] bias(int layer, int head) {
    return rows.bias(layer, head);
  }

  @Override
  public int from(int layer) {
    return rows.from(layer);
  }

  @Override
  public void visit(int layer, Visitor visitor) {
    rows.layer(layer).visit(announced, visitor);
  }
}

package dev.varve.compression.predicted;

import dev.varve.compression.Section;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.compression.calibrated.KeyTurn;
import dev.varve.compression.grid.RowForecast;

/** Expects rows to be what a {@link LinearMap} makes of {@link BlockInputs}. */
final class LayerForecast implements RowForecast {
  /** Rows that are mapped at once, while their sums lie in the nearest cache. */
  private static final int TILE = 8;

  private final SectionShape shape;
  private final BlockInputs inputs;
  private final LinearMap map;
  private final KeyTurn turn;
  private final float[] in;
  private final float[] out;
  private int position;
  private int firstToken;
  private int tokens;

  LayerForecast(SectionShape shape, BlockInputs inputs, LinearMap map) {
    this.shape = shape;
    this.inputs = inputs;
    this.map = map;
    this.turn = new KeyTurn(shape);
    this.in = new float[TILE * inputs.width(shape.section())];
    this.out = new float[TILE * shape.channels()];
  }

  @Override
  public void begin(SectionFloats floats) {
    tokens = floats.tokens();
    firstToken = floats.firstToken();
    position = floats.position() - firstToken;
    turn.prepare(floats.position());
  }

  @Override
  public int expect(int token) {
    int row = token % TILE;
    if (row == 0) {
      Section section = shape.section();
      int rows = Math.min(TILE, tokens - token);
      for (int i = 0; i < rows; i++) {
        inputs.load(section, position, firstToken + token + i, in, i * inputs.width(section));
      }
      map.apply(in, rows, out);
    }
    return row * shape.channels();
  }

  @Override
  public float[] expected() {
    return out;
  }

  @Override
  public void turnBack(float[] values, int at, int token) {
    turn.back(values, at, token);
  }

  @Override
  public void turnForth(float[] values, int at, int token) {
    turn.forth(values, at, token);
  }
}

package dev.varve.compression.bitstream;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Rotary;

/**
 * Takes the turn of rotary embedding out of keys as far as it differs between the tokens of a
 * section: token {@code t} is turned back by {@code t} positions. What is left is the same turn for
 * all, so that channels have means and rows of like tokens are alike again. Lengths are kept. Does
 * nothing to values and to keys that are not turned. The numbers come from {@link StrictMath}, the
 * same everywhere. Immutable.
 */
final class KeyTurns {
  private final int pairs;
  private final int partner;
  private final int step;
  private final float[] cosines;
  private final float[] sines;

  KeyTurns(SectionShape shape) {
    RopeSpec rope = shape.rope();
    boolean turned =
        shape.section() == Section.KEYS
            && rope.stored() == RopeSpec.Stored.POST_ROPE
            && rope.dims() <= shape.dim();
    double[] frequencies = turned ? Rotary.frequencies(rope) : new double[0];
    boolean halves = rope.pairing() == RopeSpec.Pairing.HALVES;
    this.pairs = frequencies.length;
    this.partner = halves ? pairs : 1;
    this.step = halves ? 1 : 2;
    this.cosines = new float[shape.blockTokens() * pairs];
    this.sines = new float[shape.blockTokens() * pairs];
    for (int i = 0; i < cosines.length; i++) {
      int token = i / pairs;
      double angle = token * frequencies[i % pairs];
      cosines[i] = (float) StrictMath.cos(angle);
      sines[i] = (float) StrictMath.sin(angle);
    }
  }

  /** Turns the row at {@code at} back by {@code token} positions. */
  void back(float[] row, int at, int token) {
    turn(row, at, token * pairs, -1);
  }

  /** Turns the row at {@code at} by {@code token} positions. */
  void forth(float[] row, int at, int token) {
    turn(row, at, token * pairs, 1);
  }

  private void turn(float[] row, int at, int angle, float sign) {
    if (step == 1) {
      for (int i = 0; i < pairs; i++) {
        float a = row[at + i];
        float b = row[at + partner + i];
        float c = cosines[angle + i];
        float s = sign * sines[angle + i];
        row[at + i] = a * c - b * s;
        row[at + partner + i] = a * s + b * c;
      }
      return;
    }
    for (int i = 0; i < pairs; i++) {
      float a = row[at + 2 * i];
      float b = row[at + 2 * i + 1];
      float c = cosines[angle + i];
      float s = sign * sines[angle + i];
      row[at + 2 * i] = a * c - b * s;
      row[at + 2 * i + 1] = a * s + b * c;
    }
  }
}

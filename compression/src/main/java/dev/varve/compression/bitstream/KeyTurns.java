package dev.varve.compression.bitstream;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.Rotary;

/**
 * Takes the turn of rotary embedding out of keys as far as it differs between the tokens of a
 * section: token {@code t} is turned back by {@code t} positions. What is left is the same turn for
 * all, so that channels have means and rows of like tokens are alike again. Lengths are kept. Does
 * nothing to values and to keys that are not turned. The numbers come from {@link StrictMath}, the
 * same everywhere. Immutable.
 */
final class KeyTurns {
  private final RowKernel kernel;
  private final MeanKernel meanKernel;
  private final int dim;
  private final int pairs;
  private final int step;
  private final float[] cosines;
  private final float[] sines;

  KeyTurns(SectionShape shape, Backend backend) {
    RopeSpec rope = shape.rope();
    boolean turned =
        shape.section() == Section.KEYS
            && rope.stored() == RopeSpec.Stored.POST_ROPE
            && rope.dims() <= shape.dim();
    double[] frequencies = turned ? Rotary.frequencies(rope) : new double[0];
    boolean halves = rope.pairing() == RopeSpec.Pairing.HALVES;
    this.kernel = RowKernel.of(backend);
    this.meanKernel = MeanKernel.of(backend);
    this.dim = shape.dim();
    this.pairs = frequencies.length;
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

  /**
   * Turns the row at {@code source[from]} back by {@code token} positions into {@code target[to]}
   * and up.
   */
  void back(float[] source, int from, int token, float[] target, int to) {
    int angle = token * pairs;
    int turned = 2 * pairs;
    if (step == 1) {
      meanKernel.back(source, from, cosines, sines, angle, pairs, target, to);
    } else {
      for (int i = 0; i < turned; i += 2) {
        float x = source[from + i];
        float y = source[from + i + 1];
        float c = cosines[angle + i / 2];
        float s = sines[angle + i / 2];
        target[to + i] = x * c + y * s;
        target[to + i + 1] = y * c - x * s;
      }
    }
    System.arraycopy(source, from + turned, target, to + turned, dim - turned);
  }

  /**
   * Turns {@code rows[from]} and up plus {@code means[mean]} and up by {@code token} positions into
   * {@code target[to]} and up.
   */
  void forth(float[] rows, int from, float[] means, int mean, int token, float[] target, int to) {
    int angle = token * pairs;
    int turned = 2 * pairs;
    if (step == 1) {
      kernel.turn(rows, from, means, mean, cosines, sines, angle, pairs, target, to);
    } else {
      for (int i = 0; i < turned; i += 2) {
        float x = rows[from + i] + means[mean + i];
        float y = rows[from + i + 1] + means[mean + i + 1];
        float c = cosines[angle + i / 2];
        float s = sines[angle + i / 2];
        target[to + i] = x * c - y * s;
        target[to + i + 1] = x * s + y * c;
      }
    }
    if (turned < dim) {
      kernel.shift(rows, from + turned, means, mean + turned, target, to + turned, dim - turned);
    }
  }
}

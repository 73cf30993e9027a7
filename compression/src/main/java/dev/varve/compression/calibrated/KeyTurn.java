package dev.varve.compression.calibrated;

import dev.varve.compression.Section;
import dev.varve.compression.SectionShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Rotary;

/**
 * Takes all of RoPE's turn out of keys, and puts it back. Does nothing to values and to keys that
 * are stored before the turn. Cosines and sines are those of {@link StrictMath} for multiples of
 * 128 positions, summed in double precision with those of the rest: the same everywhere, and the
 * same for a position whatever section it is in. For one thread at a time.
 */
public final class KeyTurn {
  private static final int NEAR = 128;

  private final double[] frequencies;
  private final int partner;
  private final int step;
  private final double[] cosines;
  private final double[] sines;
  private final float[] turnCosines;
  private final float[] turnSines;
  private int prepared = -1;

  /** For sections of {@code shape}. */
  public KeyTurn(SectionShape shape) {
    RopeSpec rope = shape.rope();
    boolean turned = shape.section() == Section.KEYS && rope.stored() == RopeSpec.Stored.POST_ROPE;
    this.frequencies = turned ? Rotary.frequencies(rope) : new double[0];
    boolean halves = rope.pairing() == RopeSpec.Pairing.HALVES;
    this.partner = halves ? frequencies.length : 1;
    this.step = halves ? 1 : 2;
    this.turnCosines = new float[shape.blockTokens() * frequencies.length];
    this.turnSines = new float[shape.blockTokens() * frequencies.length];
    this.cosines = new double[NEAR * frequencies.length];
    this.sines = new double[NEAR * frequencies.length];
    for (int i = 0; i < cosines.length; i++) {
      int position = i / frequencies.length;
      double angle = position * frequencies[i % frequencies.length];
      cosines[i] = StrictMath.cos(angle);
      sines[i] = StrictMath.sin(angle);
    }
  }

  /** Prepares the turns of the tokens of a section whose first is at {@code position}. */
  public void prepare(int position) {
    if (position == prepared) {
      return;
    }
    int pairs = frequencies.length;
    int tokens = pairs == 0 ? 0 : turnCosines.length / pairs;
    for (int token = 0; token < tokens; ) {
      int near = (position + token) % NEAR;
      int count = Math.min(tokens - token, NEAR - near);
      for (int i = 0; i < pairs; i++) {
        double angle = (position + token - near) * frequencies[i];
        double cosine = StrictMath.cos(angle);
        double sine = StrictMath.sin(angle);
        for (int k = 0; k < count; k++) {
          int from = (near + k) * pairs + i;
          int to = (token + k) * pairs + i;
          turnCosines[to] = (float) (cosine * cosines[from] - sine * sines[from]);
          turnSines[to] = (float) (sine * cosines[from] + cosine * sines[from]);
        }
      }
      token += count;
    }
    prepared = position;
  }

  /** Turns the row at {@code at}, of token {@code token} of the section, back to position 0. */
  public void back(float[] row, int at, int token) {
    int angle = token * frequencies.length;
    for (int i = 0; i < frequencies.length; i++) {
      int one = at + i * step;
      float x = row[one];
      float y = row[one + partner];
      float c = turnCosines[angle + i];
      float s = turnSines[angle + i];
      row[one] = x * c + y * s;
      row[one + partner] = y * c - x * s;
    }
  }

  /** Turns the row at {@code at} from position 0 to that of token {@code token}. */
  public void forth(float[] row, int at, int token) {
    int angle = token * frequencies.length;
    for (int i = 0; i < frequencies.length; i++) {
      int one = at + i * step;
      float x = row[one];
      float y = row[one + partner];
      float c = turnCosines[angle + i];
      float s = turnSines[angle + i];
      row[one] = x * c - y * s;
      row[one + partner] = x * s + y * c;
    }
  }
}

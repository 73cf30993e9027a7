package dev.varve.eviction.keep;

/**
 * A row that stands for several tokens. Attention counts it as {@code weight} equal rows: it adds
 * {@code ln(weight)} to its logit.
 *
 * @param token index of the kept token whose row it replaces, or {@link #EXTRA}
 * @param key its key, of the slot's own
 * @param value its value, of the slot's own
 * @param count how many tokens are in it
 * @param weight factor on the exponential of its logit, above 0
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record MergedSlot(int token, float[] key, float[] value, int count, float weight) {

  /** The {@link #token} of a slot beside the kept tokens. */
  public static final int EXTRA = -1;

  public MergedSlot {
    if (!(weight > 0) || Float.isInfinite(weight)) {
      throw new IllegalArgumentException("weight must be positive and finite: " + weight);
    }
  }

  /** What attention adds to the logit of the slot. */
  public float logitBias() {
    return (float) StrictMath.log(weight);
  }

  /** Whether it stands beside the kept tokens. */
  public boolean extra() {
    return token == EXTRA;
  }
}

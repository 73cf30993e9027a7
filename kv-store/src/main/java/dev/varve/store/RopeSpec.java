package dev.varve.store;

import java.util.Objects;

/**
 * How rotary position embedding turns the keys of a layer. Part of the {@link Fingerprint}: keys
 * turned another way are other keys.
 *
 * @param dims leading dimensions of a head that are turned; 0 when the layer has no RoPE, less than
 *     the key width when it is partial; always even
 * @param theta base of the frequencies
 * @param pairing which two dimensions turn together
 * @param stored whether stored keys are already turned
 * @param scaling how the frequencies are stretched for long contexts
 */
public record RopeSpec(int dims, double theta, Pairing pairing, Stored stored, Scaling scaling) {

  /** Which two dimensions turn together. */
  public enum Pairing {
    /** Dimension {@code i} with {@code i + dims/2}, as in Hugging Face checkpoints. */
    HALVES,
    /** Dimension {@code 2i} with {@code 2i + 1}, as in Meta's checkpoints and llama2.c. */
    INTERLEAVED
  }

  /** State of the keys in the cache. */
  public enum Stored {
    /** Keys are stored after the turn: attention reads them as they are. */
    POST_ROPE,
    /** Keys are stored before the turn: a reader turns them to the positions it chooses. */
    PRE_ROPE
  }

  /** How frequencies are stretched. */
  public sealed interface Scaling {
    /** Frequencies as trained. */
    record None() implements Scaling {}

    /** Every frequency divided by {@code factor}. */
    record Linear(double factor) implements Scaling {}

    /**
     * The piecewise rule of Llama 3.1: long wavelengths divided by {@code factor}, short ones kept,
     * a linear passage between {@code lowFrequency} and {@code highFrequency}.
     */
    record Llama3(double factor, double lowFrequency, double highFrequency, int originalContext)
        implements Scaling {}
  }

  public RopeSpec {
    Objects.requireNonNull(pairing, "pairing");
    Objects.requireNonNull(stored, "stored");
    Objects.requireNonNull(scaling, "scaling");
    if (dims < 0 || dims % 2 != 0) {
      throw new IllegalArgumentException("rope dims must be even and not negative: " + dims);
    }
    if (!(theta > 0) || Double.isInfinite(theta)) {
      throw new IllegalArgumentException("rope theta must be positive and finite: " + theta);
    }
  }

  /** A layer without rotary embedding. */
  public static RopeSpec none() {
    return new RopeSpec(0, 1, Pairing.HALVES, Stored.POST_ROPE, new Scaling.None());
  }

  /** The usual case: all of {@code dims} turned, stored after the turn, frequencies as trained. */
  public static RopeSpec of(int dims, double theta, Pairing pairing) {
    return new RopeSpec(dims, theta, pairing, Stored.POST_ROPE, new Scaling.None());
  }
}

package dev.varve.eviction;

import java.util.Locale;

/** What becomes of the tokens of a layer that are not kept, where all heads keep the same. */
public enum LowPrecision {
  /** They are forgotten. */
  DROP,
  /** They stay, in eight bits an element. */
  INT8,
  /** They stay, in four bits an element. */
  INT4,
  /** They stay, in two bits an element. */
  INT2;

  /** The name of the encoding in {@code docs/codecs.md}; meaningless for {@link #DROP}. */
  public String encoding() {
    return name().toLowerCase(Locale.ROOT);
  }
}

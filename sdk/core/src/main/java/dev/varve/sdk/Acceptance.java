package dev.varve.sdk;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which approximations of keys and values a session may be given. A permission and no wish: a tier
 * whose encoding is not accepted holds the session's blocks raw. What was computed by a session
 * that accepts approximations is found by sessions only that accept them too.
 */
public sealed interface Acceptance {

  /** No approximation: every bit as it was appended, wherever the blocks were meanwhile. */
  record Exact() implements Acceptance {}

  /**
   * Encodings of which every element lies within {@code fraction} of the largest magnitude in its
   * group, as {@code docs/codecs.md} lists them; none that bounds only a mean.
   */
  record Within(double fraction) implements Acceptance {
    public Within {
      if (!(fraction > 0 && fraction <= 1)) {
        throw new IllegalArgumentException(
            "an accepted error must lie above 0 and not above 1: " + fraction);
      }
    }
  }

  /** These encodings, whatever they promise. */
  record Named(Set<Encoding> encodings) implements Acceptance {
    public Named {
      encodings = Set.copyOf(encodings);
    }
  }

  /**
   * Reads {@code exact}, a fraction as {@code 0.01}, or names of encodings as {@code int8,gear4}.
   *
   * @throws IllegalArgumentException if it is none of these: lists the names there are
   */
  static Acceptance parse(String text) {
    if (text.equals("exact")) {
      return new Exact();
    }
    if (!text.isEmpty() && "0123456789.".indexOf(text.charAt(0)) >= 0) {
      try {
        return new Within(Double.parseDouble(text));
      } catch (NumberFormatException e) {
        throw new IllegalArgumentException("'" + text + "' is no fraction, as 0.01 is one", e);
      }
    }
    Set<Encoding> named = new LinkedHashSet<>();
    for (String name : text.split(",", -1)) {
      named.add(Encodings.parse(name));
    }
    return new Named(named);
  }

  /** The text form that {@link #parse} reads. */
  default String text() {
    return switch (this) {
      case Exact() -> "exact";
      case Within(double fraction) -> Double.toString(fraction);
      case Named(Set<Encoding> encodings) ->
          encodings.stream().map(Encodings::name).sorted().collect(Collectors.joining(","));
    };
  }
}

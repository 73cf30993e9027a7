package dev.varve.eviction.text;

import java.util.List;
import java.util.function.BiConsumer;

/**
 * A name of the grammar: a method, which stands first, or a wrapper, which follows.
 *
 * @param name as it is written
 * @param first whether it stands first
 * @param options names of its options
 * @param build sets its choices
 */
record Method(
    String name, boolean first, List<String> options, BiConsumer<Options, PolicyDraft> build) {

  /** An option of every method: what is forgotten stays stored. */
  static final String PARK = "park";

  /** A method with options in words separated by spaces, and {@link #PARK}. */
  static Method method(String name, String options, BiConsumer<Options, PolicyDraft> build) {
    return new Method(name, true, words(options + " " + PARK), build);
  }

  /** A wrapper. */
  static Method wrapper(String name, String options, BiConsumer<Options, PolicyDraft> build) {
    return new Method(name, false, words(options), build);
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
  }
}

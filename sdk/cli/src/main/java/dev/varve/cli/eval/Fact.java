package dev.varve.cli.eval;

/**
 * One thing to remember: the code of a word. Written in the form that the bundled model was trained
 * to answer questions about.
 *
 * @param word a lower-case word
 * @param value four to six digits, or a word
 */
record Fact(String word, String value) {

  /** As it stands in the prose. */
  String note() {
    return "\n[Note: the code of %s is %s.]\n".formatted(word, value);
  }

  /** The question; {@link #answer} continues it. */
  String question() {
    return "\n[Asked: the code of %s is ".formatted(word);
  }

  /** What greedy decoding has to give after the question. */
  String answer() {
    return value + ".";
  }
}

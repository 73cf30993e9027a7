package dev.varve.cli.eval;

import java.util.List;

/**
 * Prose with facts hidden in it.
 *
 * @param text the prose and the notes
 * @param facts what the notes say, in the order of the text
 */
record NeedleDocument(String text, List<Fact> facts) {

  NeedleDocument {
    facts = List.copyOf(facts);
  }
}

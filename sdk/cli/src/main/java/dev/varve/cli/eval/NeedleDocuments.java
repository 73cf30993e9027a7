package dev.varve.cli.eval;

import dev.varve.store.Checks;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Makes {@link NeedleDocument}s: a piece of prose drawn at random with one to six facts at random
 * ends of lines. Words and word-like values are those of the prose itself. The same seed gives the
 * same documents.
 */
final class NeedleDocuments {
  private static final int MOST_FACTS = 6;
  private static final Pattern WORDS = Pattern.compile("[A-Za-z]+");

  private final String prose;
  private final List<String> words;
  private final RandomGenerator random;

  /**
   * @param prose at least one line and enough different words of 4 to 9 letters
   * @param random draws everything
   */
  NeedleDocuments(String prose, RandomGenerator random) {
    this.prose = prose;
    this.random = random;
    this.words = words(prose);
    if (words.size() < 2 * MOST_FACTS) {
      throw new IllegalArgumentException(
          "the text has %d different words of 4 to 9 letters, needles take %d"
              .formatted(words.size(), 2 * MOST_FACTS));
    }
  }

  private static List<String> words(String prose) {
    Set<String> found = new HashSet<>();
    WORDS
        .matcher(prose)
        .results()
        .map(match -> match.group().toLowerCase(Locale.ROOT))
        .filter(word -> word.length() >= 4 && word.length() <= 9)
        .forEach(found::add);
    List<String> sorted = new ArrayList<>(found);
    Collections.sort(sorted);
    return sorted;
  }

  /**
   * A document of exactly {@code length} characters.
   *
   * @throws IllegalArgumentException if the facts or the prose do not suffice for that length
   */
  NeedleDocument next(int length) {
    List<Fact> facts = facts();
    int notes = facts.stream().mapToInt(fact -> fact.note().length()).sum();
    int plain = length - notes;
    if (plain < facts.size() || plain > prose.length()) {
      throw new IllegalArgumentException(
          "a document of %d characters needs %d of prose, the text has %d"
              .formatted(length, Math.max(plain, facts.size()), prose.length()));
    }
    int from = random.nextInt(prose.length() - plain + 1);
    String piece = prose.substring(from, from + plain);
    StringBuilder text = new StringBuilder(length);
    int at = 0;
    for (int i = 0; i < facts.size(); i++) {
      int next = lineEnd(piece, at, plain * (i + 1) / facts.size());
      text.append(piece, at, next).append(facts.get(i).note());
      at = next;
    }
    return new NeedleDocument(text.append(piece, at, plain).toString(), facts);
  }

  private List<Fact> facts() {
    List<String> drawn = new ArrayList<>(words);
    int count = 1 + random.nextInt(MOST_FACTS);
    List<Fact> facts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String word = drawn.remove(random.nextInt(drawn.size()));
      boolean digits = random.nextBoolean();
      String value = digits ? digits() : drawn.remove(random.nextInt(drawn.size()));
      facts.add(new Fact(word, value));
    }
    return facts;
  }

  private String digits() {
    int length = 4 + random.nextInt(3);
    StringBuilder digits = new StringBuilder();
    for (int i = 0; i < length; i++) {
      digits.append((char) ('0' + random.nextInt(10)));
    }
    return digits.toString();
  }

  /** The end of a line in {@code [from, to)}, or any place where there is none. */
  private int lineEnd(String piece, int from, int to) {
    Checks.inRange(from, 0, to, "from");
    int drawn = from + random.nextInt(to - from + 1);
    int after = piece.indexOf('\n', drawn);
    if (after >= 0 && after < to) {
      return after;
    }
    int before = piece.lastIndexOf('\n', drawn);
    return before >= from ? before : drawn;
  }
}

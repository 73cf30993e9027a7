package dev.varve.store.text;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;

/** Finds the name that somebody who mistyped meant. */
public final class NearestName {
  private NearestName() {}

  /**
   * The end of a sentence about an unknown name: the known name with the fewest edits, if it is
   * near, and all of them.
   */
  public static String suggest(String unknown, Collection<String> known) {
    List<String> names = known.stream().sorted().toList();
    int near = Math.max(1, unknown.length() / 2);
    String nearest = of(unknown, names);
    String question =
        !nearest.isEmpty() && edits(unknown, nearest) <= near
            ? "did you mean '" + nearest + "'? "
            : "";
    return question + "Known are " + String.join(", ", names);
  }

  /**
   * The known name with the fewest edits, the first of several; the empty text if none is known.
   */
  public static String of(String unknown, Collection<String> known) {
    return known.stream().min(Comparator.comparingInt(name -> edits(unknown, name))).orElse("");
  }

  /** Insertions, deletions and replacements that turn one text into the other (Levenshtein). */
  static int edits(String from, String to) {
    int[] row = new int[to.length() + 1];
    for (int j = 0; j <= to.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= from.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= to.length(); j++) {
        int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return row[to.length()];
  }
}

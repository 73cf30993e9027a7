package dev.varve.compression;

import java.util.Arrays;
import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/** The known name that somebody most likely meant (Levenshtein 1966, case aside). */
final class NearestName {
  private NearestName() {}

  /**
   * The nearest of {@code known}; none if all differ from {@code written} in half of it or more.
   */
  static Optional<String> of(String written, Collection<String> known) {
    int least = (written.length() + 1) / 2;
    Optional<String> nearest = Optional.empty();
    for (String name : known) {
      int distance = distance(written.toLowerCase(Locale.ROOT), name.toLowerCase(Locale.ROOT));
      if (distance < least) {
        least = distance;
        nearest = Optional.of(name);
      }
    }
    return nearest;
  }

  /** Letters to insert, delete or replace, at least, to make one of the other. */
  private static int distance(String from, String to) {
    int[] row = new int[to.length() + 1];
    Arrays.setAll(row, i -> i);
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

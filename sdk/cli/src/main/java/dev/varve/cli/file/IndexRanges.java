package dev.varve.cli.file;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which of a number of things, as people write it: {@code 0,2..4,-1}, counted from 0, both ends
 * included, negative numbers from the end.
 *
 * @param text as it was written
 * @param ranges in the order in which they were written
 */
public record IndexRanges(String text, List<Range> ranges) {

  private static final Pattern RANGE = Pattern.compile("(-?\\d{1,9})(?:\\.\\.(-?\\d{1,9}))?");

  public IndexRanges {
    ranges = List.copyOf(ranges);
  }

  /**
   * A first and a last index.
   *
   * @param first the first; from the end if negative
   * @param last the last; from the end if negative
   */
  public record Range(int first, int last) {

    /** How many. */
    public int count() {
      return last - first + 1;
    }
  }

  /** Reads the form above. */
  public static IndexRanges parse(String text) {
    List<Range> ranges = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      Matcher matcher = RANGE.matcher(part.strip());
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "'%s' is no range: write a number from 0 on, -1 for the last, or 4..7, joined by commas"
                .formatted(part));
      }
      int first = Integer.parseInt(matcher.group(1));
      ranges.add(
          new Range(first, matcher.group(2) == null ? first : Integer.parseInt(matcher.group(2))));
    }
    return new IndexRanges(text, ranges);
  }

  /**
   * The ranges among {@code count} things, with numbers from 0 on.
   *
   * @param what names the things in errors, as {@code layers}
   * @throws IllegalArgumentException if one is not there, none is meant, or one is meant twice
   */
  public List<Range> among(int count, String what) {
    List<Range> found = new ArrayList<>();
    for (Range range : ranges) {
      Range place = new Range(place(range.first, count), place(range.last, count));
      if (place.first < 0 || place.last >= count || place.count() < 1) {
        throw new IllegalArgumentException(
            "%s %s are not among %d: write numbers from 0 to %d, or from -1 to -%d back from the end"
                .formatted(what, text, count, Math.max(0, count - 1), Math.max(1, count)));
      }
      if (found.stream().anyMatch(at -> at.first <= place.last && place.first <= at.last)) {
        throw new IllegalArgumentException(
            "%s %s of %d name one twice: name each once".formatted(what, text, count));
      }
      found.add(place);
    }
    return found;
  }

  /** The one range among {@code count} things; refuses several. */
  public Range only(int count, String what) {
    List<Range> found = among(count, what);
    if (found.size() > 1) {
      throw new IllegalArgumentException(
          "%s %s are %d ranges, one is read at a time".formatted(what, text, found.size()));
    }
    return found.getFirst();
  }

  private static int place(int index, int count) {
    return index < 0 ? count + index : index;
  }

  @Override
  public String toString() {
    return text;
  }
}

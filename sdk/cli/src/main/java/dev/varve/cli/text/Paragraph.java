package dev.varve.cli.text;

import java.util.regex.Pattern;

/** Running text in lines. */
public final class Paragraph {

  private static final Pattern WORDS = Pattern.compile("\\s+");

  private Paragraph() {}

  /** {@code text} with its white space evened out, in indented lines of at most {@code width}. */
  public static String wrap(String text, String indent, int width) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(indent);
    for (String word : WORDS.splitAsStream(text.strip()).toList()) {
      if (line.length() > indent.length() && line.length() + 1 + word.length() > width) {
        lines.append(line).append('\n');
        line = new StringBuilder(indent);
      }
      line.append(line.length() > indent.length() ? " " : "").append(word);
    }
    return lines.append(line).append('\n').toString();
  }
}

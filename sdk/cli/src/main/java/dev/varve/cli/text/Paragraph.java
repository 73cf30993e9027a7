package dev.varve.cli.text;

/** Running text in lines. */
public final class Paragraph {

  private Paragraph() {}

  /** {@code text} with its white space evened out, in indented lines of at most {@code width}. */
  public static String wrap(String text, String indent, int width) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(indent);
    for (String word : text.strip().split("\\s+")) {
      if (line.length() > indent.length() && line.length() + 1 + word.length() > width) {
        lines.append(line).append('\n');
        line = new StringBuilder(indent);
      }
      line.append(line.length() > indent.length() ? " " : "").append(word);
    }
    return lines.append(line).append('\n').toString();
  }
}

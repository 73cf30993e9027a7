package dev.varve.cli.eval;

/** Text for web pages. */
final class Html {
  private Html() {}

  /** {@code text} as the content of an element or of an attribute in double quotes. */
  static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}

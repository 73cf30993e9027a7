package dev.varve.cli.text;

/** Text for web pages. */
public final class Html {
  private Html() {}

  /** {@code text} as the content of an element or of an attribute in double quotes. */
  public static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}

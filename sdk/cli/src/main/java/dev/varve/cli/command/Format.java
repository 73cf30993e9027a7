package dev.varve.cli.command;

/** How a result is printed. */
enum Format {
  TABLE,
  JSON;

  @Override
  public String toString() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}

package dev.varve.skips;

/**
 * A test that a report says was skipped while it ran.
 *
 * @param name its name in the report, with the arguments of a parameterized one
 * @param reason what the test said
 */
record SkippedTest(String className, String name, String reason) {
  /** The name of the method, without parameters and repetition. */
  String method() {
    return name.split("[({\\[ ]", 2)[0];
  }

  @Override
  public String toString() {
    return className.substring(className.lastIndexOf('.') + 1) + "." + name;
  }
}

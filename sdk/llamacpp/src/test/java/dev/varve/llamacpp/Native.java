package dev.varve.llamacpp;

import static org.junit.jupiter.api.Assumptions.abort;

/** The bundled library, for tests. */
final class Native {
  private Native() {}

  /** The library; a machine that it does not run on skips the test, CI fails. */
  static LlamaLibrary library() {
    try {
      return LlamaLibrary.bundled();
    } catch (MissingLibraryException e) {
      if ("true".equals(System.getenv("CI"))) {
        throw e;
      }
      return abort(e.getMessage());
    }
  }
}

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
      if (System.getenv("CI") != null) {
        throw e;
      }
      return abort(e.getMessage());
    }
  }
}

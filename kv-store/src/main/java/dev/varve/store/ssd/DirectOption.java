package dev.varve.store.ssd;

import java.nio.file.OpenOption;
import java.util.Arrays;
import java.util.Optional;

/**
 * The option that opens a file past the page cache. It lies in the module {@code jdk.unsupported},
 * which a runtime image may lack.
 */
final class DirectOption {

  private static final String OPTIONS = "com.sun.nio.file.ExtendedOpenOption";

  private DirectOption() {}

  /** The option; empty if this runtime has none. */
  static Optional<OpenOption> find() {
    try {
      return Arrays.stream(Class.forName(OPTIONS).getEnumConstants())
          .filter(option -> option.toString().equals("DIRECT"))
          .map(OpenOption.class::cast)
          .findFirst();
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }
}

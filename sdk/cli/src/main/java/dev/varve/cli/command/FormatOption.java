package dev.varve.cli.command;

import dev.varve.cli.Console;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** How a command prints its result. */
final class FormatOption {

  @Option(
      names = "--format",
      defaultValue = "table",
      description = "How to print the result: ${COMPLETION-CANDIDATES} (${DEFAULT-VALUE}).")
  private Format format = Format.TABLE;

  boolean json() {
    return format == Format.JSON;
  }

  /** Prints {@code result} as JSON, or the text that {@code table} makes of it. */
  void print(Console console, Object result, Supplier<String> table) {
    switch (format) {
      case TABLE -> console.print(table.get());
      case JSON -> console.json(result);
    }
  }
}

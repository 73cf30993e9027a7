package dev.varve.format;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Compares and rewrites sources with google-java-format, imports included. */
final class SourceLayout {
  private final Formatter formatter = new Formatter();

  /** The files whose text the formatter would change. */
  List<Path> wrong(List<Path> files) throws IOException, FormatterException {
    List<Path> found = new ArrayList<>();
    for (Path file : files) {
      String text = Files.readString(file);
      if (!formatted(file, text).equals(text)) {
        found.add(file);
      }
    }
    return found;
  }

  /** Rewrites the files whose text the formatter changes, and returns them. */
  List<Path> apply(List<Path> files) throws IOException, FormatterException {
    List<Path> wrong = wrong(files);
    for (Path file : wrong) {
      Files.writeString(file, formatted(file, Files.readString(file)));
    }
    return wrong;
  }

  private String formatted(Path file, String text) throws FormatterException {
    try {
      return formatter.formatSourceAndFixImports(text);
    } catch (FormatterException e) {
      throw new FormatterException(file + ": " + e.getMessage());
    }
  }
}

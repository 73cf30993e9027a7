package dev.varve.cli.demo;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The prompt of the demo; {@code README.md} beside the resource tells where it is from. */
public final class Chapter {

  /** What it is. */
  public static final String TITLE = "Sense and Sensibility, chapter 1";

  private static final String RESOURCE = "chapter.txt";

  private Chapter() {}

  /** The text, plain ASCII. */
  public static String text() throws IOException {
    try (InputStream in = Chapter.class.getResourceAsStream(RESOURCE)) {
      byte[] bytes = Objects.requireNonNull(in, RESOURCE).readAllBytes();
      return new String(bytes, StandardCharsets.US_ASCII);
    }
  }
}

package dev.varve.cli.eval;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;

/** The text of an evaluation; {@code README.md} beside the resource tells where it is from. */
public final class Prose {
  private static final String RESOURCE = "prose.txt";

  private Prose() {}

  /** The bundled text, plain ASCII. */
  public static String bundled() throws IOException {
    try (InputStream in = Prose.class.getResourceAsStream(RESOURCE)) {
      byte[] bytes = Objects.requireNonNull(in, RESOURCE).readAllBytes();
      return new String(bytes, StandardCharsets.US_ASCII);
    }
  }
}

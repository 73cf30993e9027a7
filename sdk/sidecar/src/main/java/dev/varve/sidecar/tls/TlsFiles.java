package dev.varve.sidecar.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where certificates are, all in PEM.
 *
 * @param certificate the server's, and behind it those that vouch for it
 * @param key the server's private key, PKCS #8 without a password
 * @param clientCa those that vouch for clients; empty where clients need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientCa) {

  /** Longest file that is read. */
  private static final long LONGEST = 1 << 20;

  /** A file as it was found. */
  private record Stamp(Path file, long modified, long length) {}

  /** Differs whenever a file was changed. */
  Object stamp() throws IOException {
    List<Stamp> stamps = new ArrayList<>();
    for (Path file : files().toList()) {
      stamps.add(new Stamp(file, Files.getLastModifiedTime(file).toMillis(), Files.size(file)));
    }
    return List.copyOf(stamps);
  }

  private Stream<Path> files() {
    return Stream.concat(Stream.of(certificate, key), clientCa.stream());
  }

  /** The text of one of the files. */
  static String read(Path file) throws IOException {
    long length = Files.size(file);
    if (length > LONGEST) {
      throw new IOException(
          "%s has %d bytes, the longest certificate or key %d".formatted(file, length, LONGEST));
    }
    return Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
  }
}

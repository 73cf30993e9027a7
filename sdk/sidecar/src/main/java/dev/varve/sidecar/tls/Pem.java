package dev.varve.sidecar.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads certificates and keys from files in PEM. */
final class Pem {

  private static final Pattern KEY =
      Pattern.compile("-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----");

  private Pem() {}

  /** The certificates of a file, at least one. */
  static List<X509Certificate> certificates(Path file) throws IOException {
    List<X509Certificate> found = new ArrayList<>();
    byte[] bytes = TlsFiles.read(file).getBytes(StandardCharsets.ISO_8859_1);
    try {
      for (Certificate each :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(bytes))) {
        found.add((X509Certificate) each);
      }
    } catch (GeneralSecurityException e) {
      throw new IOException(file + " holds no certificate that can be read, in PEM", e);
    }
    if (found.isEmpty()) {
      throw new IOException(file + " holds no certificate, in PEM");
    }
    return found;
  }

  /**
   * The private key of a file.
   *
   * @param algorithm that of the public key it belongs to
   */
  static PrivateKey key(Path file, String algorithm) throws IOException {
    String text = TlsFiles.read(file);
    Matcher matcher = KEY.matcher(text);
    if (!matcher.find()) {
      throw new IOException(
          text.contains("PRIVATE KEY-----")
              ? file
                  + " holds a key in another form or with a password: rewrite it with 'openssl"
                  + " pkcs8 -topk8 -nocrypt'"
              : file + " holds no private key, in PEM");
    }
    try {
      byte[] encoded = Base64.getMimeDecoder().decode(matcher.group(1));
      return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(encoded));
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException(
          "%s holds no key of the certificate's kind, %s".formatted(file, algorithm), e);
    }
  }
}

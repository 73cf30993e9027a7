package dev.varve.sidecar.tls;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.List;

/**
 * Certificates that were read and found usable.
 *
 * @param context makes encrypted connections
 * @param certificate the server's own
 */
record LoadedTls(SslContext context, X509Certificate certificate) {

  private static final String[] PROTOCOLS = {"TLSv1.3", "TLSv1.2"};

  /**
   * Reads and checks the files.
   *
   * @throws IOException in one sentence, if they cannot be used now
   */
  static LoadedTls read(TlsFiles files, Instant now) throws IOException {
    List<X509Certificate> chain = Pem.certificates(files.certificate());
    X509Certificate own = chain.getFirst();
    checkTime(files.certificate(), own, now);
    PrivateKey key = Pem.key(files.key(), own.getPublicKey().getAlgorithm());
    if (!KeyMatch.matches(key, own.getPublicKey())) {
      throw new IOException(
          "the key in %s does not belong to the certificate in %s (%s)"
              .formatted(files.key(), files.certificate(), name(own)));
    }
    SslContextBuilder builder =
        SslContextBuilder.forServer(key, chain.toArray(X509Certificate[]::new))
            .protocols(PROTOCOLS);
    if (files.clientCa().isPresent()) {
      List<X509Certificate> trusted = Pem.certificates(files.clientCa().get());
      builder.trustManager(trusted.toArray(X509Certificate[]::new)).clientAuth(ClientAuth.REQUIRE);
    }
    return new LoadedTls(builder.build(), own);
  }

  private static void checkTime(Path file, X509Certificate certificate, Instant now)
      throws IOException {
    Instant begins = certificate.getNotBefore().toInstant();
    Instant ends = certificate.getNotAfter().toInstant();
    if (now.isAfter(ends)) {
      throw new IOException(
          "the certificate in %s (%s) has expired, on %s: renew it"
              .formatted(file, name(certificate), ends));
    }
    if (now.isBefore(begins)) {
      throw new IOException(
          "the certificate in %s (%s) is not valid before %s: it is %s now"
              .formatted(file, name(certificate), begins, now));
    }
  }

  static String name(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().getName();
  }
}

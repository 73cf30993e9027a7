package dev.varve.sidecar.tls;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** Certificates for tests in a folder of their own. */
public final class TestCertificates {

  private static final AtomicLong CHANGES = new AtomicLong(1_700_000_000_000L);

  private final Path folder;

  /**
   * @param folder where a test may write
   */
  public TestCertificates(Path folder) {
    this.folder = folder;
  }

  /** The files of a server whose certificate and key are copies of those named. */
  public TlsFiles files(String certificate, String key) throws IOException {
    put(certificate, key);
    return new TlsFiles(
        folder.resolve("server.pem"), folder.resolve("server.key"), Optional.empty());
  }

  /** The same for clients that must show the certificate {@code client}. */
  public TlsFiles filesForKnownClients(String name) throws IOException {
    TlsFiles files = files(name + ".pem", name + ".key");
    Files.writeString(folder.resolve("ca.pem"), text("client.pem"));
    return new TlsFiles(files.certificate(), files.key(), Optional.of(folder.resolve("ca.pem")));
  }

  /** Replaces the files; their times differ from those before. */
  public void put(String certificate, String key) throws IOException {
    write("server.pem", text(certificate));
    write("server.key", text(key));
  }

  /** Writes any text as a file of the server. */
  public void write(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.writeString(file, text);
    Files.setLastModifiedTime(file, FileTime.fromMillis(CHANGES.addAndGet(2000)));
  }

  static String text(String name) throws IOException {
    try (InputStream in = TestCertificates.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IOException(name + " is not there");
      }
      return new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  /** A client that trusts one certificate, and shows another if it is named. */
  public SSLContext client(String trusted, Optional<String> shown) throws Exception {
    Path file = Files.writeString(folder.resolve("trusted"), text(trusted));
    KeyStore trust = KeyStore.getInstance("PKCS12");
    trust.load(null, null);
    trust.setCertificateEntry("server", Pem.certificates(file).getFirst());
    TrustManagerFactory trusts =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trusts.init(trust);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, null);
    if (shown.isPresent()) {
      Path certificate = Files.writeString(folder.resolve("shown.pem"), text(shown.get() + ".pem"));
      Path key = Files.writeString(folder.resolve("shown.key"), text(shown.get() + ".key"));
      X509Certificate of = Pem.certificates(certificate).getFirst();
      own.setKeyEntry(
          "own",
          Pem.key(key, of.getPublicKey().getAlgorithm()),
          new char[0],
          new X509Certificate[] {of});
    }
    keys.init(own, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trusts.getTrustManagers(), null);
    return context;
  }
}

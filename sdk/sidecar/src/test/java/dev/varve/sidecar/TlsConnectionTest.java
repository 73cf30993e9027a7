package dev.varve.sidecar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sidecar.tls.ServerTls;
import dev.varve.sidecar.tls.TestCertificates;
import dev.varve.sidecar.tls.TlsFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients that speak RESP over TLS. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TlsConnectionTest {

  @TempDir Path folder;

  @Test
  void takesAndGivesValuesAndAnotherCertificateWithoutDroppingAnybody() throws Exception {
    TestCertificates certificates = new TestCertificates(folder);
    ServerTls tls = open(certificates.files("first.pem", "first.key"));
    try (TestServer server = TestServer.encrypted(tls);
        SSLSocket old = connect(server, certificates.client("first.pem", Optional.empty()));
        WireClient before = new WireClient(old)) {
      String value = "v".repeat(3_000_000);
      assertThat(before.ask("SET", "k", value)).isEqualTo("+OK\r\n");
      assertThat(before.ask("GET", "k")).isEqualTo("$3000000\r\n" + value + "\r\n");
      certificates.put("second.pem", "second.key");
      tls.reload();
      SSLContext trusting = certificates.client("second.pem", Optional.empty());
      try (SSLSocket young = connect(server, trusting);
          WireClient after = new WireClient(young)) {
        assertThat(shown(young)).isEqualTo("CN=second");
        assertThat(after.ask("STRLEN", "k")).isEqualTo(":3000000\r\n");
      }
      assertThat(before.ask("STRLEN", "k")).isEqualTo(":3000000\r\n");
      assertThat(shown(old)).isEqualTo("CN=first");
    }
  }

  @Test
  void hangsUpOnClientsThatDoNotEncryptAndServesTheOthers() throws Exception {
    TestCertificates certificates = new TestCertificates(folder);
    ServerTls tls = open(certificates.files("first.pem", "first.key"));
    SSLContext trusting = certificates.client("first.pem", Optional.empty());
    try (TestServer server = TestServer.encrypted(tls);
        SSLSocket socket = connect(server, trusting);
        WireClient good = new WireClient(socket)) {
      for (int i = 0; i < 20; i++) {
        try (WireClient plain = server.connect()) {
          plain.send("PING\r\n");
          assertThatThrownBy(() -> plain.read(100)).isInstanceOf(IOException.class);
        }
      }
      assertThat(good.ask("PING")).isEqualTo("+PONG\r\n");
    }
  }

  @Test
  void asksClientsForACertificateWhereItIsToldTo() throws Exception {
    TestCertificates certificates = new TestCertificates(folder);
    ServerTls tls = open(certificates.filesForKnownClients("first"));
    assertThat(tls.state().clientCertificates()).isTrue();
    try (TestServer server = TestServer.encrypted(tls)) {
      SSLContext known = certificates.client("first.pem", Optional.of("client"));
      try (SSLSocket socket = connect(server, known);
          WireClient client = new WireClient(socket)) {
        assertThat(client.ask("PING")).isEqualTo("+PONG\r\n");
      }
      for (Optional<String> stranger : List.of(Optional.<String>empty(), Optional.of("second"))) {
        SSLContext unknown = certificates.client("first.pem", stranger);
        assertThatThrownBy(
                () -> {
                  try (SSLSocket socket = connect(server, unknown);
                      WireClient client = new WireClient(socket)) {
                    client.ask("PING");
                  }
                })
            .isInstanceOf(IOException.class);
      }
    }
  }

  private static ServerTls open(TlsFiles files) throws IOException {
    return ServerTls.open(files, System::currentTimeMillis);
  }

  private static SSLSocket connect(TestServer server, SSLContext context) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            context
                .getSocketFactory()
                .createSocket(server.address().getAddress(), server.address().getPort());
    socket.setSoTimeout(60_000);
    return socket;
  }

  private static String shown(SSLSocket socket) throws IOException {
    X509Certificate certificate = (X509Certificate) socket.getSession().getPeerCertificates()[0];
    return certificate.getSubjectX500Principal().getName();
  }
}

package dev.varve.sidecar.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServerTlsTest {

  private static final long NOW = Instant.parse("2030-01-01T00:00:00Z").toEpochMilli();

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "expired.pem|expired.key|(CN=expired) has expired, on 2020-02-01T00:00:00Z: renew it",
        "first.pem|second.key|server.key holds no key of the certificate's kind, EC",
        "first.pem|client.key|does not belong to the certificate in",
        "second.pem|old-form.key|rewrite it with 'openssl pkcs8 -topk8 -nocrypt'",
        "first.pem|first.pem|server.key holds no private key, in PEM",
        "first.key|first.key|server.pem holds no certificate",
      })
  void refusesWhatCannotBeUsed(String certificate, String key, String sentence) throws IOException {
    TlsFiles files = new TestCertificates(folder).files(certificate, key);
    assertThatThrownBy(() -> ServerTls.open(files, () -> NOW))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void refusesACertificateBeforeItsTime() throws IOException {
    TlsFiles files = new TestCertificates(folder).files("first.pem", "first.key");
    assertThatThrownBy(() -> ServerTls.open(files, () -> 0))
        .hasMessageContaining("is not valid before")
        .hasMessageContaining("it is 1970-01-01T00:00:00Z now");
  }

  @Test
  void refusesAFileThatIsNotThereOrTooLong() throws IOException {
    TestCertificates certificates = new TestCertificates(folder);
    TlsFiles files = certificates.files("first.pem", "first.key");
    certificates.write("server.pem", "x".repeat((1 << 20) + 1));
    assertThatThrownBy(() -> ServerTls.open(files, () -> NOW))
        .hasMessageContaining("has 1048577 bytes, the longest certificate or key 1048576");
    Files.delete(files.certificate());
    assertThatThrownBy(() -> ServerTls.open(files, () -> NOW)).isInstanceOf(IOException.class);
  }

  @Test
  void readsAgainWhatChangedAndKeepsWhatHeldWhereItCannot() throws IOException {
    TestCertificates certificates = new TestCertificates(folder);
    ServerTls tls = ServerTls.open(certificates.files("first.pem", "first.key"), () -> NOW);
    assertThat(tls.state().subject()).isEqualTo("CN=first");
    tls.reloadIfChanged();
    assertThat(tls.state().reloads()).isZero();
    certificates.put("second.pem", "second.key");
    tls.reloadIfChanged();
    assertThat(tls.state().subject()).isEqualTo("CN=second");
    assertThat(tls.state().reloads()).isEqualTo(1);
    certificates.put("expired.pem", "expired.key");
    tls.reloadIfChanged();
    assertThat(tls.state().subject()).isEqualTo("CN=second");
    assertThat(tls.state().lastFailure()).contains("has expired");
    assertThatThrownBy(tls::reload).hasMessageContaining("has expired");
    certificates.put("first.pem", "first.key");
    tls.reloadIfChanged();
    assertThat(tls.state().subject()).isEqualTo("CN=first");
    assertThat(tls.state().lastFailure()).isEmpty();
  }
}

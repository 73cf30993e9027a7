package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ServeCommandTest {

  @TempDir Path folder;

  @Test
  void printsTheSettingsThatHold() throws IOException {
    Path file = folder.resolve("varve.yaml");
    Files.writeString(file, "listen:\n  port: 7000\naccess:\n  password: hunter2\n");
    Run run =
        Run.of(
            "serve",
            "--config",
            file.toString(),
            "--set",
            "limits.clients=7",
            "--host",
            "::1",
            "--print-config");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("port: 7000  # " + file, "clients: 7  # --set", "password: (hidden)")
        .contains("host: \"::1\"  # --host")
        .doesNotContain("hunter2");
  }

  @Test
  void refusesAnUnknownSetting() {
    Run run = Run.of("serve", "--set", "limits.memry=1GiB", "--print-config");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("did you mean 'limits.memory'?");
  }

  @Test
  void refusesAFileThatIsNotThere() {
    Run run = Run.of("serve", "--config", folder.resolve("gone.yaml").toString());
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err()).contains("gone.yaml: no such file");
  }

  @Test
  void refusesAPortThatIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Run run = Run.of("serve", "--port", port, "--set", "tiers.host=32MiB");
      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.err()).contains("cannot listen at /127.0.0.1:" + port);
    }
  }

  @Test
  void refusesMoreMemoryThanThereIs() {
    Run run = Run.of("serve", "--port", "0", "--set", "limits.memory=9000GiB");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("more than the JVM allows", "-XX:MaxDirectMemorySize=");
    Run host = Run.of("serve", "--port", "0", "--set", "tiers.host=9000GiB");
    assertThat(host.exitCode()).isEqualTo(3);
    assertThat(host.err()).contains("do not fit into the machine's memory");
  }

  @ParameterizedTest
  @CsvSource({
    "http.address,localhost,is no address: write HOST:PORT",
    "http.address,127.0.0.1:70000,is no address: write HOST:PORT",
    "http.address,no.such.host.invalid:1,is no address of this machine",
    "http.token,short,the admin token has 5 characters",
    "log.requests,some,there is no 'some'",
    "log.lines,0,log.lines must lie between 1 and 100000: 0",
  })
  void refusesSettingsThatMeanNothing(String name, String value, String sentence) {
    Run run = Run.of("serve", "--port", "0", "--set", name + "=" + value);
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains(sentence);
  }

  @Test
  void refusesAPortForPeopleThatWasChosenAndIsTaken() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(taken.getLocalPort());
      Run run = Run.of("serve", "--port", "0", "--http", port, "--set", "tiers.host=32MiB");
      assertThat(run.exitCode()).isEqualTo(3);
      assertThat(run.err()).contains("cannot listen at /127.0.0.1:" + port + " for HTTP");
    }
  }

  @Test
  void refusesCertificatesThatCannotBeUsed() throws IOException {
    String nowhere = folder.resolve("gone.pem").toString();
    Run alone = Run.of("serve", "--port", "0", "--set", "tls.certificate=" + nowhere);
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("set both tls.certificate and tls.key, or neither");
    Path empty = Files.createFile(folder.resolve("empty.pem"));
    Run useless =
        Run.of(
            "serve",
            "--port",
            "0",
            "--set",
            "tls.certificate=" + empty,
            "--set",
            "tls.key=" + empty);
    assertThat(useless.exitCode()).isEqualTo(3);
    assertThat(useless.err()).contains("empty.pem holds no certificate, in PEM");
  }
}

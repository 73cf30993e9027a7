package dev.varve.cli.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.sidecar.handover.HandoverConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {

  @TempDir Path folder;
  private final GivenSettings given = new GivenSettings();

  @Test
  void holdTheDefaultsWhereNothingIsSaid() {
    ServeSettings settings = given.settings();
    assertThat(settings.listen().host()).isEqualTo("127.0.0.1");
    assertThat(settings.listen().port()).isEqualTo(6390);
    assertThat(settings.limits().value().bytes()).isEqualTo(512L << 20);
    assertThat(settings.limits().stall()).isEqualTo(Duration.ofMinutes(1));
    assertThat(settings.tiers().ssd()).isEmpty();
    assertThat(settings.access().password()).isEmpty();
  }

  @Test
  void theLastWordCounts() throws IOException {
    read("listen:\n  port: 1\n  host: ::1\nlimits:\n  memory: 2GiB\ntiers:\n");
    assertThat(
            given.putEnvironment(
                Map.of("VARVE_LISTEN_PORT", "2", "VARVE_JAVA_OPTS", "-Xmx1g", "PATH", "/bin")))
        .isEmpty();
    given.put("limits.memory", "3GiB", "--set");
    ServeSettings settings = given.settings();
    assertThat(settings.listen().port()).isEqualTo(2);
    assertThat(settings.listen().host()).isEqualTo("::1");
    assertThat(settings.limits().memory().bytes()).isEqualTo(3L << 30);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: {prot: 1}|there is no setting 'listen.prot'; did you mean 'listen.port'?",
        "lisen: {port: 1}|there is no setting 'lisen.port'; did you mean 'listen.port'?",
        "listen: 1|there is no setting 'listen'",
        "port: 1|there is no setting 'port'",
        "listen: {port: [1, 2]}|listen.port takes one value, no list and no section",
        "[1, 2]|holds no sections of settings",
        "listen: {port: 1, port: 2}|line 1: Duplicate",
        "listen: {port: |line 1: ",
      })
  void aFileThatSaysWhatNoSettingIsIsRefused(String yaml, String sentence) {
    assertThatThrownBy(() -> read(yaml))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("varve.yaml")
        .hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen.port|x|listen.port (--set): 'x' is no whole number",
        "listen.cluster|maybe|listen.cluster (--set): 'maybe' is neither true nor false",
        "limits.memory|lots|limits.memory (--set): 'lots' is no size",
        "limits.stall|60|limits.stall (--set): '60' is no time: write a number and a unit",
        "limits.memory|0|limits.memory (--set): a size must be at least 1 byte: 0",
      })
  void aValueThatMeansNothingIsRefused(String path, String text, String sentence) {
    given.put(path, text, "--set");
    assertThatThrownBy(given::settings).hasMessageContaining(sentence);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen.port|70000|listen.port: 70000 is not between 0 and 65535",
        "listen.transport|rdma|there is no transport 'rdma': take auto, epoll, io_uring or nio",
        "limits.value|1GiB|the longest value may have at most 536870912 bytes: 1073741824",
        "limits.request|1MiB|cannot hold a value of 536870912 and its key",
        "limits.memory|64MiB|67108864 bytes of memory cannot hold a request of 603979776",
        "limits.clients|0|clients",
        "listen.event-loops|0|event loops",
      })
  void settingsThatContradictEachOtherAreRefused(String path, String text, String sentence) {
    given.put(path, text, "--set");
    assertThatThrownBy(() -> ServeConfig.of(given.settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void aMistypedVariableIsRefusedAndAStrangeOneIsNamed() {
    assertThatThrownBy(() -> given.putEnvironment(Map.of("VARVE_LISTEN_PROT", "1")))
        .hasMessageContaining("VARVE_LISTEN_PROT, which is no setting")
        .hasMessageContaining("did you mean 'VARVE_LISTEN_PORT'?");
    assertThat(given.putEnvironment(Map.of("VARVE_SERVICE_HOST", "10.0.0.1")))
        .containsExactly("VARVE_SERVICE_HOST");
  }

  @Test
  void whatIsPrintedCanBeReadAgainAndHidesSecrets() throws IOException {
    given.put("access.password", "hunter2", "--set");
    given.put("tiers.ssd", "/a folder/\"x\"", "--set");
    String printed = SettingsText.yaml(given);
    assertThat(printed)
        .contains("password: (hidden)  # --set", "port: 6390  # default")
        .doesNotContain("hunter2");
    Files.writeString(folder.resolve("varve.yaml"), printed);
    GivenSettings again = new GivenSettings();
    SettingsFile.read(folder.resolve("varve.yaml"), again);
    assertThat(again.settings().tiers()).isEqualTo(given.settings().tiers());
    assertThat(again.settings().limits()).isEqualTo(given.settings().limits());
  }

  @Test
  void usersComeFromAFileAndThePasswordOfTheDefaultUserFromASetting() throws IOException {
    Path users = folder.resolve("users");
    Files.writeString(users, "user alice on >wonder\n");
    given.put("access.users-file", users.toString(), "--set");
    assertThatThrownBy(() -> ServeConfig.of(given.settings()))
        .hasMessageContaining("users, line 1: user 'alice' is a tenant of its own");
    given.put("access.tenant-key", "key", "--set");
    given.put("access.password", "secret", "--set");
    assertThat(ServeConfig.of(given.settings()).users().size()).isEqualTo(2);
    assertThat(ServeConfig.of(given.settings()).users().stranger()).isEmpty();
    Files.writeString(users, "user default on >other\n");
    assertThatThrownBy(() -> ServeConfig.of(given.settings()))
        .hasMessageContaining("leave one of them out");
  }

  private void read(String yaml) throws IOException {
    Path file = folder.resolve("varve.yaml");
    Files.writeString(file, yaml);
    SettingsFile.read(file, given);
  }

  @Test
  void memoryIsHandedOverWhereASocketIsNamedAndFits() throws IOException {
    assertThat(ServeConfig.of(given.settings()).handover()).isEmpty();
    read("handover:\n  socket: /run/varve.sock\n  memory: 5000\n  tenants: 2\n");
    assertThat(ServeConfig.of(given.settings()).handover())
        .contains(new HandoverConfig(Path.of("/run/varve.sock"), 8192, 2, 64));
    given.put("handover.memory", "1024TiB", "--set");
    assertThatThrownBy(() -> ServeConfig.of(given.settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageMatching(
            "2 memory files of \\d+ bytes are more than the \\d+ bytes of this machine: set less");
    given.put("handover.memory", "0", "--set");
    assertThatThrownBy(() -> ServeConfig.of(given.settings()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("0");
    assertThatThrownBy(() -> given.put("handover.path", "x", "--set"))
        .hasMessageContaining("there is no setting 'handover.path'");
  }
}

package dev.varve.store.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.ChildJvm;
import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChronicleQuietTest {

  @Test
  void hasNoAnalyticsClassToLoad() {
    assertThatThrownBy(() -> Class.forName("net.openhft.chronicle.analytics.Analytics"))
        .isInstanceOf(ClassNotFoundException.class);
  }

  @Test
  void hasNoAnalyticsJarOnTheClassPathNorBehindAManifest() throws Exception {
    List<String> entries = List.of(ChildJvm.classPath().split(File.pathSeparator));
    assertThat(entries).anyMatch(entry -> entry.contains("chronicle-map"));
    assertThat(entries).noneMatch(entry -> entry.contains("analytics"));
    for (String entry : entries) {
      if (entry.endsWith(".jar")) {
        for (Path neighbour : manifestNeighbours(Path.of(entry))) {
          assertThat(neighbour.getFileName().toString().contains("analytics"))
              .as("%s, named by the manifest of %s", neighbour, entry)
              .isFalse();
        }
      }
    }
  }

  @Test
  void switchesAnalyticsAndBannerOffBeforeTheFirstMap() {
    ChronicleHostTier.open(new HostTierConfig(1 << 20, 1000)).close();
    assertThat(System.getProperty("chronicle.analytics.disable")).isEqualTo("true");
    assertThat(System.getProperty("chronicle.announcer.disable")).isEqualTo("true");
  }

  @Test
  void looksUpNoHost(@TempDir Path folder) throws Exception {
    Path services = Files.createDirectories(folder.resolve("META-INF/services"));
    Files.writeString(
        services.resolve("java.net.spi.InetAddressResolverProvider"),
        LookUpRecorder.class.getName());
    Process child = ChildJvm.start(ChildJvm.command(List.of(folder.toString()), SilenceMain.class));
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(child.waitFor()).as(output).isZero();
    assertThat(output)
        .contains("stored 3")
        .contains("asked by the tier []")
        .contains("asked in all [" + SilenceMain.CONTROL + "]")
        .doesNotContainIgnoringCase("google")
        .doesNotContain("Chronicle Map");
  }

  /** Existing files that a jar's manifest adds to the class path. */
  private static List<Path> manifestNeighbours(Path jar) throws IOException {
    try (JarFile file = new JarFile(jar.toFile())) {
      String classPath =
          file.getManifest() == null
              ? null
              : file.getManifest().getMainAttributes().getValue("Class-Path");
      if (classPath == null) {
        return List.of();
      }
      URI base = jar.toUri();
      return List.of(classPath.trim().split(" +")).stream()
          .map(base::resolve)
          .filter(uri -> "file".equals(uri.getScheme()))
          .map(Path::of)
          .filter(Files::exists)
          .toList();
    }
  }
}

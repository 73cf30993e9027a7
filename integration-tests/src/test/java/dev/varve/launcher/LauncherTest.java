package dev.varve.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.launcher.FakeCheckout.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LauncherTest {
  private static final Map<String, String> NOTHING = Map.of();

  @TempDir Path folder;
  private FakeCheckout checkout;

  @BeforeEach
  void makeCheckout() throws IOException {
    checkout = new FakeCheckout(folder);
  }

  @Test
  void passesTheFlagsTheClassPathAndTheArguments() throws Exception {
    checkout.built().jdk("new", "25.0.3");
    Path target = checkout.root().resolve("sdk/cli/target");

    Outcome outcome = run("demo", "two words", "");

    assertThat(outcome.out())
        .containsExactly(
            "new",
            "@" + checkout.root().resolve(".mvn/varve.jvm"),
            "-cp",
            target.resolve("varve-sdk-cli-1.jar") + ":" + target + "/lib/*",
            "dev.varve.cli.Main",
            "demo",
            "two words",
            "");
    assertThat(outcome.err()).isEmpty();
    assertThat(outcome.exitCode()).isZero();
  }

  @Test
  void searchesOnWhereTheJavaOnThePathIsTooOld() throws Exception {
    Path old = checkout.built().jdk("old", "17.0.15");
    checkout.onPath(old).jdk("older", "1.8.0_392");
    checkout.jdk("z-new", "26-ea");

    assertThat(run().out()).startsWith("z-new");
  }

  @Test
  void prefersJavaHomeThenTheJavaOnThePath() throws Exception {
    Path onPath = checkout.built().jdk("b", "25");
    Path home = checkout.jdk("c", "27.0.1");
    checkout.onPath(onPath).jdk("a", "25.0.1");

    assertThat(run(Map.of("JAVA_HOME", home.toString())).out()).startsWith("c");
    assertThat(run().out()).startsWith("b");
  }

  @Test
  void searchesOnWhereJavaHomeIsTooOldOrEmpty() throws Exception {
    Path old = checkout.built().jdk("old", "21.0.2");
    checkout.jdk("young", "25");

    assertThat(run(Map.of("JAVA_HOME", old.toString())).out()).startsWith("young");
    assertThat(run(Map.of("JAVA_HOME", folder.toString())).out()).startsWith("young");
  }

  @Test
  void findsAJdkBelowAFolderWithBlanks() throws Exception {
    checkout.built();
    Path jdk = checkout.jdk("new", "25");
    Path blank = Files.createDirectories(folder.resolve("Java Virtual Machines"));
    Files.createSymbolicLink(blank.resolve("jdk 25"), jdk);

    assertThat(run(Map.of("VARVE_JDK_PLACES", folder + "/absent/*:" + blank + "/*")).out())
        .startsWith("new");
  }

  @ParameterizedTest
  @ValueSource(strings = {"17.0.15", "1.8.0_392", "24.0.2", "odd"})
  void saysInOneSentenceWhatToInstallWhereNoJdkIsNewEnough(String version) throws Exception {
    checkout.onPath(checkout.built().jdk("old", version));

    Outcome outcome = run();

    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err())
        .isEqualTo(
            "varve: no JDK 25 or newer found: install one (for example Temurin 25) or set"
                + " JAVA_HOME to it.\n");
  }

  @Test
  void saysSoWhereThereIsNoJavaAtAll() throws Exception {
    checkout.built();

    assertThat(run().exitCode()).isEqualTo(3);
    assertThat(run(Map.of("VARVE_JDK_PLACES", "")).err()).startsWith("varve: no JDK 25 or newer");
  }

  @Test
  void appendsTheUsersFlags() throws Exception {
    checkout.built().jdk("new", "25");

    assertThat(run(Map.of("VARVE_JAVA_OPTS", "-Xmx2g -Dx=y")).out())
        .containsSubsequence("@" + checkout.root() + "/.mvn/varve.jvm", "-Xmx2g", "-Dx=y", "-cp");
  }

  @Test
  void worksThroughLinks() throws Exception {
    checkout.built().jdk("new", "25");
    Path absolute = Files.createSymbolicLink(folder.resolve("link"), checkout.launcher());
    Path relative = Files.createSymbolicLink(folder.resolve("link to link"), Path.of("link"));

    assertThat(checkout.run(NOTHING, relative).out()).isEqualTo(run().out());
    assertThat(checkout.run(NOTHING, folder.relativize(absolute)).out()).isEqualTo(run().out());
  }

  @Test
  void buildsWhatIsMissing() throws Exception {
    checkout.maven("mkdir -p sdk/cli/target/lib; touch sdk/cli/target/varve-sdk-cli-1.jar");
    checkout.jdk("new", "25");

    Outcome first = run("demo");
    Outcome second = run("demo");

    assertThat(first.err())
        .startsWith("varve: building, nothing is built yet ...\nmvn ")
        .contains(" package -pl sdk/cli -am in " + checkout.root());
    assertThat(first.out()).startsWith("new").endsWith("demo");
    assertThat(second.err()).isEmpty();
    assertThat(second.out()).isEqualTo(first.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"kv-store/src/main/java/A.java", "offload/pom.xml", "pom.xml"})
  void buildsAgainWhereASourceIsNewer(String name) throws Exception {
    checkout.built().jdk("new", "25");
    Path source = checkout.maven("touch sdk/cli/target/varve-sdk-cli-1.jar").source(name);
    assertThat(run().err()).isEmpty();

    Files.setLastModifiedTime(source, FileTime.from(Instant.now().minusSeconds(5)));

    assertThat(run().err()).startsWith("varve: building, " + name + " is newer than the build ...");
    assertThat(run().err()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "kv-store/src/test/java/T.java",
        "kv-store/target/classes/src/main/x",
        "integration-tests/pom.xml",
        ".git/src/main/x",
      })
  void doesNotBuildForFilesThatItDoesNotRun(String name) throws Exception {
    checkout.built().jdk("new", "25");

    Files.setLastModifiedTime(checkout.source(name), FileTime.from(Instant.now()));

    assertThat(run().err()).isEmpty();
  }

  @Test
  void buildsAgainWhereASourceWasSavedDuringTheBuild() throws Exception {
    checkout.maven(
        "mkdir -p sdk/cli/target/lib; touch kv-store/src/main/java/A.java;"
            + " touch sdk/cli/target/varve-sdk-cli-1.jar");
    checkout.jdk("new", "25");
    run();

    assertThat(run().err()).startsWith("varve: building, kv-store/src/main/java/A.java is newer");
  }

  @Test
  void saysThatMavenIsMissing() throws Exception {
    checkout.jdk("new", "25");

    Outcome outcome = run();

    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.err())
        .isEqualTo(
            "varve: nothing is built yet and there is no mvn on the path: install Maven 3.8 or"
                + " newer.\n");
  }

  @Test
  void startsNothingAfterABuildThatFailed() throws Exception {
    checkout.maven("exit 1").jdk("new", "25");

    Outcome outcome = run();

    assertThat(outcome.exitCode()).isEqualTo(3);
    assertThat(outcome.out()).isEmpty();
    assertThat(outcome.err()).endsWith("varve: the build failed; its messages are above.\n");
  }

  private Outcome run(String... arguments) throws Exception {
    return checkout.run(NOTHING, checkout.launcher(), arguments);
  }

  private Outcome run(Map<String, String> environment) throws Exception {
    return checkout.run(environment, checkout.launcher());
  }
}

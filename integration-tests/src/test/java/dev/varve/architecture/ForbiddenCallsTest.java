package dev.varve.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForbiddenCallsTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "new Thread(() -> {}).start()",
        "new Thread(() -> {}) { public void run() {} }.start()",
        "java.util.concurrent.ThreadFactory f = Thread::new",
        "Thread.ofVirtual().start(() -> {})",
        "Thread.ofPlatform().start(() -> {})",
        "Thread.startVirtualThread(() -> {})",
        "java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()",
        "java.util.concurrent.Executors.newFixedThreadPool(1)",
        "java.util.concurrent.ForkJoinPool.commonPool()",
        "new java.util.concurrent.ForkJoinPool()",
        "new java.util.concurrent.ScheduledThreadPoolExecutor(1)",
        "new java.util.Timer()",
      })
  void refusesAThreadOfOnesOwn(String statement) {
    assertThat(ForbiddenCalls.violations(classThatRuns("dev.varve.sdk.Bad", statement)))
        .isNotEmpty()
        .allSatisfy(sentence -> assertThat(sentence).contains("starts threads of its own"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "System.setProperty(\"a\", \"b\")",
        "System.setProperties(null)",
        "System.clearProperty(\"a\")",
        "java.util.function.BinaryOperator<String> f = System::setProperty",
      })
  void refusesToWriteASystemProperty(String statement) {
    assertThat(ForbiddenCalls.violations(classThatRuns("dev.varve.sdk.Bad", statement)))
        .singleElement()
        .asString()
        .contains("writes a system property");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "System.out.println()",
        "System.err.print('a')",
        "new Exception().printStackTrace(System.err)",
        "IO.println(\"a\")",
      })
  void refusesToWriteToTheConsole(String statement) {
    assertThat(ForbiddenCalls.violations(classThatRuns("dev.varve.sdk.Bad", statement)))
        .singleElement()
        .asString()
        .contains("writes to the console");
  }

  @Test
  void acceptsCallsThatOnlyReadOrUseWhatIsGiven() {
    String body =
        "Thread.currentThread().interrupt(); System.getProperty(\"a\"); System.nanoTime()";

    assertThat(ForbiddenCalls.violations(classThatRuns("dev.varve.sdk.Good", body))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "dev.varve.store.host.ChronicleQuiet, 'System.setProperty(\"a\", \"b\")', 0",
    "dev.varve.store.host.ChronicleLoud, 'System.setProperty(\"a\", \"b\")', 1",
    "dev.varve.store.host.ChronicleQuiet, System.out.println(), 1",
    "dev.varve.cli.Console, System.out.println(), 0",
    "dev.varve.cli.Other, System.out.println(), 1",
    "dev.varve.cli.command.Demo, Thread.ofVirtual(), 0",
    "dev.varve.client.Demo, Thread.ofVirtual(), 1",
  })
  void allowsACallInItsNamedPlaceOnly(String className, String statement, int violations) {
    assertThat(ForbiddenCalls.violations(classThatRuns(className, statement))).hasSize(violations);
  }

  private List<ClassFacts> classThatRuns(String className, String statement) {
    String simple = className.substring(className.lastIndexOf('.') + 1);
    return new CompiledSources()
        .with(className, "class " + simple + " { void run() { " + statement + "; } }")
        .compile(folder, className);
  }
}

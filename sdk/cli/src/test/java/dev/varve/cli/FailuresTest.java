package dev.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.StoreException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailuresTest {

  @Test
  void tellsWhoMustAct() {
    assertThat(Failures.exitCode(new IllegalArgumentException("x"))).isEqualTo(ExitCode.USAGE);
    assertThat(Failures.exitCode(new StoreException("x"))).isEqualTo(ExitCode.ENVIRONMENT);
    assertThat(Failures.exitCode(new IOException("x"))).isEqualTo(ExitCode.ENVIRONMENT);
    assertThat(Failures.exitCode(new IllegalStateException("x"))).isEqualTo(ExitCode.NO);
    assertThat(Failures.exitCode(new CommandFailure(ExitCode.NO, "x"))).isEqualTo(ExitCode.NO);
  }

  @Test
  void saysWhatAFileExceptionMeans() {
    assertThat(Failures.sentence(new NoSuchFileException("a/b")))
        .isEqualTo("a/b: no such file or folder");
    assertThat(Failures.sentence(new UncheckedIOException(new AccessDeniedException("a/b"))))
        .isEqualTo("a/b: permission denied");
  }

  @Test
  void namesTheClassOfAnExceptionThatWasNotMeantForPeople() {
    assertThat(Failures.sentence(new ArithmeticException("/ by zero")))
        .isEqualTo("java.lang.ArithmeticException: / by zero");
    assertThat(Failures.sentence(new IllegalStateException("two\nlines"))).isEqualTo("two lines");
  }
}

package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.file.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Errors that a search promises hold for the whole file, not for the sample alone. */
class SearchedErrorTest {

  private static final int TOKENS = 1024;
  private static final int DIM = 32;

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"0.2", "0.05", "0.01"})
  void keysWithoutQueriesErrByLessThanTheLimitInEveryBlock(String limit) throws IOException {
    Path cache = hardInTheMiddle();
    Run run =
        Run.of(
            "compress",
            cache.toString(),
            folder.resolve("c").toString(),
            "--max-error",
            limit,
            "--sample",
            "256",
            "--protect-layers",
            "0",
            "--format",
            "json");

    assertThat(run.exitCode()).as(run.err()).isZero();
    Matcher error = Pattern.compile("\"keyError\" : ([0-9.E-]+)").matcher(run.out());
    assertThat(error.find()).isTrue();
    assertThat(Double.parseDouble(error.group(1))).isLessThanOrEqualTo(Double.parseDouble(limit));
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "c");
  }

  @Test
  void aLooseLimitIsStillWorthIt() throws IOException {
    Path cache = hardInTheMiddle();
    Path target = folder.resolve("c");
    Run run =
        Run.of(
            "compress",
            cache.toString(),
            target.toString(),
            "--max-error",
            "0.2",
            "--sample",
            "256",
            "--protect-layers",
            "0");
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(Files.size(target)).isLessThan(Files.size(cache));
  }

  /** Keys that are alike in the first block and the newest, and have outliers between. */
  private Path hardInTheMiddle() throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    Bytes data = new Bytes();
    for (int token = 0; token < TOKENS; token++) {
      boolean middle = token >= 128 && token < TOKENS - 128;
      for (int i = 0; i < DIM; i++) {
        float wide = (float) (random.nextGaussian() * Math.exp(3 * random.nextGaussian()));
        data.f16(middle ? wide : 1 + i % 2);
      }
    }
    for (int i = 0; i < TOKENS * DIM; i++) {
      data.f16((float) random.nextGaussian());
    }
    int bytes = 2 * TOKENS * DIM;
    String header =
        ("{\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[1,%d,%d],\"data_offsets\":[0,%d]},"
             + "\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,%d,%d],\"data_offsets\":[%d,%d]}}")
            .formatted(TOKENS, DIM, bytes, TOKENS, DIM, bytes, 2 * bytes);
    return Files.write(folder.resolve("kv"), Bytes.safetensors(header, data.array()));
  }
}

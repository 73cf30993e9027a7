package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is left of a stopped {@code varve compress} is gone on with, if it is of the same rows. */
class CompressResumeTest {

  private static final String NOTE = "blocks were there from a run that was stopped";

  @TempDir Path folder;

  private Path path(String name) {
    return folder.resolve(name);
  }

  private Run compress(String source, String target, String... options) {
    List<String> line = new ArrayList<>();
    line.addAll(List.of("compress", path(source).toString(), path(target).toString()));
    line.addAll(List.of(options));
    Run run = Run.of(line.toArray(new String[0]));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return run;
  }

  /** Leaves the first bytes of {@code whole} as a killed process would. */
  private void leave(String target, byte[] whole, int length) throws IOException {
    Files.write(path(target + ".partial"), Arrays.copyOf(whole, length));
  }

  private byte[] bytes(String name) throws IOException {
    return Files.readAllBytes(path(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"lossless", "raw", "int4", "gear4", "bitstream2", "twoclass4-2"})
  void goesOnToTheSameBytes(String codec) throws IOException {
    OfflineFiles.cache(path("kv"), 700, Float.NaN);
    compress("kv", "whole", "--codec", codec);
    byte[] whole = bytes("whole");
    for (int sixths = 1; sixths < 6; sixths++) {
      leave("again", whole, whole.length / 6 * sixths);
      Run run = compress("kv", "again", "--codec", codec, "--force");
      assertThat(run.err()).as("%d of 6", sixths).contains(NOTE);
      assertThat(bytes("again")).as("%d of 6", sixths).isEqualTo(whole);
    }
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "whole", "again");
  }

  @Test
  void takesAllBlocksWhereOnlyTheEndIsMissing() throws IOException {
    OfflineFiles.cache(path("kv"), 300);
    compress("kv", "whole");
    byte[] whole = bytes("whole");
    leave("again", whole, whole.length - 1);
    assertThat(compress("kv", "again").err()).contains("kv: 12 " + NOTE);
    assertThat(bytes("again")).isEqualTo(whole);
    assertThat(Run.of("verify", "--decode", path("again").toString()).out())
        .contains("again: sound, 12 blocks, all decoded and 12 exact, ");
  }

  @Test
  void beginsAnewWhereTheRowsHaveChanged() throws IOException {
    OfflineFiles.cache(path("kv"), 300);
    compress("kv", "before", "--codec", "int8");
    byte[] before = bytes("before");
    byte[] changed = bytes("kv");
    int data = Long.BYTES + (changed[0] & 0xff) + ((changed[1] & 0xff) << Byte.SIZE);
    changed[data] ^= 1;
    Files.write(path("kv"), changed);
    compress("kv", "after", "--codec", "int8");
    leave("again", before, before.length / 2);
    assertThat(compress("kv", "again", "--codec", "int8").err())
        .doesNotContain(NOTE)
        .contains("begun anew", "layer 0, chunk 0, level 0 is not of the rows");
    assertThat(bytes("again")).isEqualTo(bytes("after")).isNotEqualTo(before);
  }

  @Test
  void beginsAnewUnderOtherOptions() throws IOException {
    OfflineFiles.cache(path("kv"), 300);
    compress("kv", "int8", "--codec", "int8");
    byte[] int8 = bytes("int8");
    for (String[] options :
        List.of(
            new String[] {"--codec", "int4"},
            new String[] {"--codec", "int8", "--keep-newest", "7"},
            new String[] {"--codec", "int8", "--block", "64"})) {
      leave("again", int8, int8.length / 2);
      Run run = compress("kv", "again", options);
      assertThat(run.err()).as(String.join(" ", options)).doesNotContain(NOTE);
      Files.delete(path("again"));
    }
  }

  @Test
  void goesOnWithATrialOfASearch() throws IOException {
    OfflineFiles.cache(path("kv"), 700);
    compress("kv", "whole", "--max-error", "0.1");
    byte[] whole = bytes("whole");
    leave(".again.trial.partial", whole, whole.length / 2);
    assertThat(compress("kv", "again", "--max-error", "0.1").err()).contains(NOTE);
    assertThat(bytes("again")).isEqualTo(whole);
    assertThat(folder.toFile().list()).containsExactlyInAnyOrder("kv", "whole", "again");
  }
}

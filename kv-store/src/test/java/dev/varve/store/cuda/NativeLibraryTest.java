package dev.varve.store.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.StoreException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NativeLibraryTest {
  private static final String NAME = NativeLibrary.fileName("JCudaDriver");

  @TempDir Path folder;

  @Test
  void knowsTheNameThatJcudaLooksFor() {
    assertThat(NAME).isEqualTo("libJCudaDriver-12.6.0-linux-x86_64.so");
  }

  @Test
  void unpacksOnceForAll() throws Exception {
    Path file = NativeLibrary.unpack(NAME, folder);
    assertThat(Files.size(file)).isEqualTo(1_201_712);
    Files.setLastModifiedTime(file, FileTime.fromMillis(1));
    NativeLibrary.unpack(NAME, folder);
    assertThat(Files.getLastModifiedTime(file)).isEqualTo(FileTime.fromMillis(1));
    assertNothingElse();
  }

  @Test
  void replacesAFileThatWasCutOff() throws Exception {
    Files.write(folder.resolve(NAME), new byte[4096]);
    assertThat(Files.size(NativeLibrary.unpack(NAME, folder))).isEqualTo(1_201_712);
    assertNothingElse();
  }

  @Test
  void neverShowsHalfOfAFile() throws Exception {
    Callable<Long> unpack = () -> Files.size(NativeLibrary.unpack(NAME, folder));
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      for (var size : threads.invokeAll(List.of(unpack, unpack, unpack, unpack))) {
        assertThat(size.get()).isEqualTo(1_201_712);
      }
    }
    assertNothingElse();
  }

  @Test
  void saysWhatToDoWhereItCannotWrite() {
    assertThatThrownBy(() -> NativeLibrary.unpack(NAME, folder.resolve("missing")))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("-Djava.io.tmpdir");
    assertThatThrownBy(() -> NativeLibrary.unpack("libnone.so", folder))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("jcuda-natives");
  }

  private void assertNothingElse() throws Exception {
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files).containsExactly(folder.resolve(NAME));
    }
  }
}

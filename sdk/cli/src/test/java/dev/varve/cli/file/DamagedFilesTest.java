package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Readers answer any bytes with a source or with a sentence. */
class DamagedFilesTest {

  @TempDir Path folder;

  static Stream<Arguments> files() throws IOException {
    byte[] twelve = new Bytes().f32(Bytes.counting(0, 12)).array();
    String header =
        "{\"k_0\":{\"dtype\":\"F32\",\"shape\":[2,3,1],\"data_offsets\":[0,24]},"
            + "\"v_0\":{\"dtype\":\"F32\",\"shape\":[2,3,1],\"data_offsets\":[24,48]}}";
    ByteArrayOutputStream npz = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(npz)) {
      for (String name : new String[] {"k_0.npy", "v_0.npy"}) {
        zip.putNextEntry(new ZipEntry(name));
        zip.write(
            Bytes.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2), }", twelve));
      }
    }
    byte[] npy =
        Bytes.npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 2, 3, 1), }", twelve);
    byte[] lmcache = new Bytes().i32(48, 1, 4, 2, 1, 3, 2).bytes(twelve).array();
    byte[] llama =
        new Bytes()
            .i32(0x67677371, 2, 1, 7, 1, 5, 0, 0, 1, 0)
            .i64(24)
            .bytes(Arrays.copyOf(twelve, 24))
            .i32(0)
            .i64(24)
            .bytes(Arrays.copyOf(twelve, 24))
            .array();
    return Stream.of(
        Arguments.of("safetensors", Bytes.safetensors(header, twelve)),
        Arguments.of("npz", npz.toByteArray()),
        Arguments.of("npy", npy),
        Arguments.of("lmcache-fs", lmcache),
        Arguments.of("llama", llama));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("files")
  void everyByteMayBeFlippedAndTheEndCut(String kind, byte[] file) {
    assertThat(answer(kind, file)).isTrue();
    int sound = 0;
    for (int at = 0; at < file.length; at++) {
      byte[] cut = Arrays.copyOf(file, at);
      answer(kind, cut);
      for (int bit : new int[] {0, 3, 7}) {
        byte[] flipped = file.clone();
        flipped[at] ^= (byte) (1 << bit);
        sound += answer(kind, flipped) ? 1 : 0;
      }
    }
    assertThat(sound).isLessThan(3 * file.length);
  }

  /** Whether all could be read; a sentence that names the file if not. */
  private boolean answer(String kind, byte[] bytes) {
    Path path = folder.resolve("file");
    try {
      java.nio.file.Files.write(path, bytes);
      try (KvSource source = FileKinds.open(path, java.util.Optional.of(kind), KindOptions.NONE)) {
        for (int layer = 0; layer < source.description().shape().layerCount(); layer++) {
          Kv.read(source, layer, Section.KEYS);
          Kv.read(source, layer, Section.VALUES);
        }
        return true;
      }
    } catch (CommandFailure e) {
      assertThat(e.getMessage()).contains("file");
      return false;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}

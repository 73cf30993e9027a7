package dev.varve.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.cli.Run;
import dev.varve.cli.file.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Inputs and outputs that do not go together. */
class OfflineInputsTest {

  @TempDir Path folder;

  @Test
  void neverWritesOverItsOwnInput() throws IOException {
    Path cache = OfflineFiles.cache(path("kv.safetensors"), 40);
    byte[] before = Files.readAllBytes(cache);
    Path link = Files.createSymbolicLink(path("link.safetensors"), cache);
    Run.of("compress", cache.toString(), path("c.varve").toString());

    for (String command : new String[] {"compress", "convert"}) {
      for (Path target : new Path[] {cache, link, path("./kv.safetensors")}) {
        Run run = Run.of(command, cache.toString(), target.toString(), "--force");
        assertThat(run.err()).contains("is the input itself: name another file");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(cache).hasBinaryContent(before);
      }
    }
    String container = path("c.varve").toString();
    assertThat(Run.of("decompress", container, container, "--force").err())
        .contains("is the input itself");
    assertThat(Run.of("verify", container).exitCode()).isZero();
  }

  @Test
  void saysThatAFolderHoldsNothingToWorkOn() throws IOException {
    Path in = Files.createDirectories(path("in"));
    Files.writeString(in.resolve("readme.txt"), "no keys");

    Run run = Run.of("compress", in.toString(), path("out").toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("in holds no file that varve compress reads (1 files were left out)");
    Run same = Run.of("compress", in.toString(), in.toString());
    assertThat(same.exitCode()).isEqualTo(2);
    assertThat(same.err()).contains("is the input itself: name another folder");
    Run verify = Run.of("verify", in.toString());
    assertThat(verify.exitCode()).isEqualTo(1);
    assertThat(verify.err()).contains("in holds no file that varve verify reads");
    assertThat(path("out")).doesNotExist();
  }

  @Test
  void writesIntoAFolderAroundItsInput() throws IOException {
    Path in = Files.createDirectories(path("all/in"));
    OfflineFiles.cache(in.resolve("kv.safetensors"), 40);

    assertThat(Run.of("compress", in.toString(), path("all").toString()).exitCode()).isZero();
    assertThat(path("all/kv.safetensors.varve")).exists();
  }

  @Test
  void goesOnWithAFolderWhereOneFileDoesNotFit() throws IOException {
    Path in = Files.createDirectories(path("in"));
    OfflineFiles.cache(in.resolve("b.safetensors"), 40);
    String odd =
        "{\"layers.0.keys\":{\"dtype\":\"F16\",\"shape\":[1,1,3],\"data_offsets\":[0,6]},"
            + "\"layers.0.values\":{\"dtype\":\"F16\",\"shape\":[1,1,3],\"data_offsets\":[6,12]}}";
    Files.write(in.resolve("a.safetensors"), Bytes.safetensors(odd, new byte[12]));
    Files.write(in.resolve("c.safetensors"), new byte[20]);

    Run run =
        Run.of(
            "compress",
            in.toString(),
            path("out").toString(),
            "--codec",
            "nsn2",
            "--protect-layers",
            "0",
            "--format",
            "json");

    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err())
        .contains("a.safetensors: layer 0 cannot be written as nsn2", "rows of 3 elements")
        .contains("c.safetensors: the safetensors header");
    assertThat(run.out()).contains("\"status\" : \"written\"", "\"reason\" : ");
    assertThat(path("out").toFile().list()).containsExactly("b.safetensors.varve");
  }

  @ParameterizedTest
  @ValueSource(strings = {"safetensors", "npz", "npy", "lmcache-fs"})
  void goesOnWithAFolderThatWasHalfConverted(String kind) throws IOException {
    Path in = Files.createDirectories(path("in"));
    OfflineFiles.cache(in.resolve("a.safetensors"), 40);
    OfflineFiles.cache(in.resolve("b.safetensors"), 50);
    String[] convert = {"convert", in.toString(), path("out").toString(), "--to", kind};
    assertThat(Run.of(convert).exitCode()).isZero();
    Files.delete(path("out/b." + kind));

    Run again = Run.of(convert);
    assertThat(again.exitCode()).as(again.err()).isZero();
    assertThat(again.err()).contains("1 files were complete already");
    assertThat(again.out()).contains("skipped", "written");
    Run other =
        Run.of("convert", in.toString(), path("out").toString(), "--to", kind, "--dtype", "f32");
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.err()).contains("exists and was made otherwise: give --force");

    Run.of("compress", in.toString(), path("c").toString());
    String[] decompress = {
      "decompress", path("c").toString(), path("back").toString(), "--to", kind, "--layers", "1"
    };
    assertThat(Run.of(decompress).exitCode()).isZero();
    assertThat(Run.of(decompress).err()).contains("2 files were complete already");
  }

  private Path path(String name) {
    return folder.resolve(name);
  }
}

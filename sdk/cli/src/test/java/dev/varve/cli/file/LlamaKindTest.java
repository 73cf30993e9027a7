package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LlamaKindTest {

  private static final int MAGIC = 0x67677371;
  private static final int F16 = 1;
  private static final int Q8 = 8;

  /** The slot of a server whose sequence it is. */
  private static final int SLOT = 3;

  @TempDir Path folder;

  /** Three cells, two layers of four channels. */
  static byte[] state(String form, boolean turned, int type) {
    Bytes file = new Bytes().i32(MAGIC, 2, 3, 10, 11, 12);
    if (form.equals("marked")) {
      file.i32(0xaf143cd8, SLOT);
    }
    if (form.equals("stream") || form.equals("marked")) {
      file.i32(1);
    }
    file.i32(3);
    for (int cell = 0; cell < 3; cell++) {
      file.i32(2 - cell);
      if (form.equals("cells")) {
        file.i32(0);
      } else {
        file.i32(1, SLOT);
      }
    }
    file.i32(turned ? 1 : 0, 2);
    for (int layer = 0; layer < 2; layer++) {
      file.i32(type).i64(8).f16(Bytes.counting(100 * layer, 12));
    }
    for (int layer = 0; layer < 2; layer++) {
      file.i32(type);
      if (turned) {
        file.i32(2, 4);
      } else {
        file.i64(8);
      }
      file.f16(Bytes.counting(100 * layer + 50, 12));
    }
    return file.array();
  }

  /** The same file with values by token, where they were by channel. */
  static byte[] turnedBack(byte[] turned) {
    byte[] other = turned.clone();
    int sections = other.length - 4 * (12 + 24);
    other[sections - 8] = 0;
    for (int layer = 2; layer < 4; layer++) {
      int at = sections + layer * (12 + 24);
      byte[] header = new Bytes().i32(F16).i64(8).array();
      System.arraycopy(header, 0, other, at, header.length);
      for (int channel = 0; channel < 4; channel++) {
        for (int cell = 0; cell < 3; cell++) {
          System.arraycopy(
              turned,
              at + 12 + 2 * (3 * channel + cell),
              other,
              at + 12 + 2 * (4 * cell + channel),
              2);
        }
      }
    }
    return other;
  }

  @ParameterizedTest
  @CsvSource({
    "cells,false",
    "cells,true",
    "labelled,true",
    "labelled,false",
    "stream,false",
    "stream,true",
    "marked,true"
  })
  void readsEveryFormOfABlobAndRestoresEveryByte(String form, boolean turned) throws IOException {
    byte[] file = state(form, turned, F16);
    KindOptions options =
        new KindOptions(
            KindOptions.NONE.keys(),
            KindOptions.NONE.values(),
            KindOptions.NONE.axes(),
            ShapeHints.parse("heads=2"));
    try (KvSource source = Kv.open(folder.resolve("slot.bin"), file, options)) {
      assertThat(source.description().tokens()).isEqualTo(3);
      assertThat(Kv.read(source, 1, Section.KEYS))
          .isEqualTo(new float[] {100, 101, 104, 105, 108, 109, 102, 103, 106, 107, 110, 111});
      float[] values = Kv.read(source, 0, Section.VALUES);
      assertThat(values)
          .isEqualTo(
              turned
                  ? new float[] {50, 53, 51, 54, 52, 55, 56, 59, 57, 60, 58, 61}
                  : new float[] {50, 51, 54, 55, 58, 59, 52, 53, 56, 57, 60, 61});
      assertThat(source.layout().tokenIds()).contains(new Extent(12, 12));
      Path copy = folder.resolve("copy");
      Kv.copy(source, copy, 2);
      assertThat(copy).hasBinaryContent(file);
    }
  }

  @Test
  void keepsAStateThatItDoesNotUnderstandAsItIs() throws IOException {
    byte[] future = state("cells", false, F16);
    future[4] = 4;
    for (byte[] file :
        new byte[][] {
          state("cells", false, Q8), future, new Bytes().text("nsgg").i32(9, 1, 2, 3).array()
        }) {
      Path copy = folder.resolve("copy");
      try (KvSource source = Kv.open(folder.resolve("slot.bin"), file, KindOptions.NONE)) {
        assertThat(source.description().tokens()).isZero();
        Kv.copy(source, copy, 2);
      }
      assertThat(copy).hasBinaryContent(file);
    }
  }

  @Test
  void refusesIdsThatAreNotThere() {
    byte[] file = new Bytes().i32(MAGIC, 2, 1000, 1).array();
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> Kv.open(folder.resolve("s"), file, KindOptions.NONE).close())
        .withMessageContaining("the token ids takes 4000 bytes");
  }
}

package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LmcacheKindsTest {

  private static final String NAME = "meta-llama-SEP-L@0x01000100@0@0123456789abcdef.data";
  private static final KindOptions TWO_HEADS = shape("heads=2");

  @TempDir Path folder;

  private static KindOptions shape(String text) {
    return new KindOptions(
        KindOptions.NONE.keys(),
        KindOptions.NONE.values(),
        KindOptions.NONE.axes(),
        ShapeHints.parse(text));
  }

  /** Two layers, three tokens, four channels. */
  private static byte[] chunk() {
    return new Bytes().i32(96, 1, 2, 2, 2, 3, 4).f16(Bytes.counting(0, 48)).array();
  }

  @Test
  void readsAChunkBehindItsHeader() throws IOException {
    try (KvSource source = Kv.open(folder.resolve("c.data"), chunk(), TWO_HEADS)) {
      assertThat(source.layout().kind()).isEqualTo("lmcache-fs");
      assertThat(source.description().shape().layerCount()).isEqualTo(2);
      assertThat(source.description().shape().dtype()).isEqualTo(Dtype.F16);
      assertThat(Kv.read(source, 1, Section.KEYS))
          .isEqualTo(new float[] {12, 13, 16, 17, 20, 21, 14, 15, 18, 19, 22, 23});
      assertThat(Kv.read(source, 0, Section.VALUES, 2, 1)).isEqualTo(new float[] {32, 33, 34, 35});
      Path copy = folder.resolve("copy");
      Kv.copy(source, copy, 2);
      assertThat(copy).hasBinaryContent(chunk());
      Path made = folder.resolve("made");
      try (KvSink sink =
          FileKinds.create(made, "lmcache-fs", source.description(), KindOptions.NONE)) {
        Kv.fill(source, sink, 2);
        sink.commit();
      }
      assertThat(made).hasBinaryContent(chunk());
    }
  }

  @Test
  void readsTheFormatsOfOneLayer() {
    byte[] tokensFirst = new Bytes().i32(48, 2, 4, 3, 2, 2, 0).f32(Bytes.counting(0, 12)).array();
    try (KvSource source = Kv.open(folder.resolve("a"), tokensFirst, KindOptions.NONE)) {
      assertThat(Kv.read(source, 0, Section.KEYS)).isEqualTo(new float[] {0, 1, 4, 5, 8, 9});
      assertThat(Kv.read(source, 0, Section.VALUES)).isEqualTo(new float[] {2, 3, 6, 7, 10, 11});
    }
    byte[] keysFirst = new Bytes().i32(48, 3, 4, 2, 3, 2, 0).f32(Bytes.counting(0, 12)).array();
    try (KvSource source = Kv.open(folder.resolve("b"), keysFirst, KindOptions.NONE)) {
      assertThat(Kv.read(source, 0, Section.VALUES)).isEqualTo(Bytes.counting(6, 6));
    }
  }

  @Test
  void readsARawChunkWithTheShapeThatTheCallerTells() throws IOException {
    byte[] raw = new Bytes().f16(Bytes.counting(0, 48)).array();
    KindOptions options = shape("layers=2,heads=2,dim=2,dtype=f16");
    try (KvSource source = Kv.open(folder.resolve(NAME), raw, options)) {
      assertThat(source.layout().kind()).isEqualTo("lmcache");
      assertThat(source.description().tokens()).isEqualTo(3);
      assertThat(Kv.read(source, 1, Section.VALUES, 0, 1)).isEqualTo(new float[] {36, 37, 38, 39});
      Path made = folder.resolve("made");
      try (KvSink sink =
          FileKinds.create(made, "lmcache", source.description(), KindOptions.NONE)) {
        Kv.fill(source, sink, 2);
        sink.commit();
      }
      assertThat(made).hasBinaryContent(raw);
    }
    assertRefused(NAME, raw, KindOptions.NONE, "--shape layers=N,heads=N,dim=N,dtype=TYPE");
    assertRefused(
        NAME, raw, shape("layers=5,heads=2,dim=2,dtype=f16"), "96 bytes are no whole number");
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertRefused("a", new Bytes().i32(4, 4, 2, 4, 0, 0, 0, 7).array(), TWO_HEADS, "format 4");
    assertRefused(
        "a", new Bytes().i32(4, 1, 7, 2, 1, 1, 2, 7).array(), TWO_HEADS, "elements of type 7");
    assertRefused(
        "a", new Bytes().i32(4, 1, 2, 2, 1, 1, 2, 7).array(), TWO_HEADS, "takes 8 bytes, there");
    assertRefused("a", new Bytes().i32(4, 1, 2, 2, -1, 1, 2, 7).array(), TWO_HEADS, "-1 layers");
    assertRefused(
        "a", new Bytes().i32(8, 1, 2, 2, 1, 1, 2, 7, 7).array(), shape("heads=3"), "3 heads");
    int most = 1 << 30;
    assertRefused(
        "a", new Bytes().i32(4, 1, 2, most, most, most, 2, 7).array(), TWO_HEADS, "more than 2^63");
    assertRefused("a", new byte[40], KindOptions.NONE, "name its kind with --from");
  }

  private void assertRefused(String name, byte[] file, KindOptions options, String... sentences) {
    Path path = folder.resolve(name);
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> Kv.open(path, file, options).close())
        .withMessageStartingWith(path.toString())
        .withMessageContainingAll(sentences);
  }
}

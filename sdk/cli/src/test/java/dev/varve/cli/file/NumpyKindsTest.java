package dev.varve.cli.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.varve.cli.CommandFailure;
import dev.varve.compression.Section;
import dev.varve.store.Dtype;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NumpyKindsTest {

  private static final String HTD =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 2), }";

  @TempDir Path folder;

  @Test
  void readsOneArrayOfAllLayers() {
    String dictionary = "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 2, 1, 3, 2), }";
    byte[] file = Bytes.npy(dictionary, new Bytes().f16(Bytes.counting(0, 24)).array());
    try (KvSource source = Kv.open(folder.resolve("a.npy"), file, KindOptions.NONE)) {
      assertThat(source.description().shape().layerCount()).isEqualTo(2);
      assertThat(source.description().tokens()).isEqualTo(3);
      assertThat(Kv.read(source, 1, Section.KEYS)).isEqualTo(Bytes.counting(12, 6));
      assertThat(Kv.read(source, 1, Section.VALUES)).isEqualTo(Bytes.counting(18, 6));
    }
  }

  @Test
  void readsAnArrayInAnyOrderOfAxes() {
    String dictionary = "{'descr': '<u2', 'fortran_order': False, 'shape': (3, 2, 4), }";
    Bytes data = new Bytes();
    for (float value : Bytes.counting(0, 24)) {
      data.i16(Float.floatToRawIntBits(value) >>> 16);
    }
    KindOptions options =
        new KindOptions(
            Optional.empty(),
            Optional.empty(),
            Optional.of(new AxisOrder("tkc")),
            ShapeHints.parse("heads=2"));
    byte[] file = Bytes.npy(dictionary, data.array());
    try (KvSource source = Kv.open(folder.resolve("a"), file, options)) {
      assertThat(source.description().shape().dtype()).isEqualTo(Dtype.BF16);
      assertThat(Kv.read(source, 0, Section.VALUES))
          .isEqualTo(new float[] {4, 5, 12, 13, 20, 21, 6, 7, 14, 15, 22, 23});
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void readsAnArchiveStoredOrDeflated(boolean deflated) throws IOException {
    Path path = folder.resolve("kv.npz");
    try (KvSource source = Kv.open(path, archive(deflated), KindOptions.NONE)) {
      assertThat(Kv.read(source, 0, Section.KEYS)).isEqualTo(Bytes.counting(0, 12));
      assertThat(Kv.read(source, 0, Section.VALUES)).isEqualTo(Bytes.counting(20, 12));
      Path copy = folder.resolve("copy.npz");
      Kv.copy(source, copy, 2);
      if (!deflated) {
        assertThat(copy).hasSameBinaryContentAs(path);
      }
      assertMember(copy, "k_0.npy", Bytes.counting(0, 12));
      assertMember(copy, "v_0.npy", Bytes.counting(20, 12));
    }
  }

  @Test
  void writesAnArchiveWithTheRightChecksums() throws IOException {
    Path copy = folder.resolve("new.npz");
    try (KvSource source = Kv.open(folder.resolve("kv"), archive(false), KindOptions.NONE);
        KvSink sink = FileKinds.create(copy, "npz", source.description(), KindOptions.NONE)) {
      Kv.fill(source, sink, 2);
      sink.commit();
    }
    assertMember(copy, "k_0.npy", Bytes.counting(0, 12));
    assertMember(copy, "v_0.npy", Bytes.counting(20, 12));
    try (KvSource again = FileKinds.open(copy, Optional.empty(), KindOptions.NONE)) {
      assertThat(Kv.read(again, 0, Section.VALUES)).isEqualTo(Bytes.counting(20, 12));
    }
  }

  @Test
  void refusesADamagedArchive() throws IOException {
    byte[] file = archive(false);
    int at = 30 + "k_0.npy".length() + 128 + 5;
    file[at] ^= 4;
    assertRefused(file, "checksum", "damaged");
    byte[] cut = java.util.Arrays.copyOf(archive(false), 200);
    assertRefused(cut, "no directory at its end");
  }

  @Test
  void refusesTwoArraysOfOneName() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      for (String name : new String[] {"k_0.npy", "v_0.npy", "k_1.npy"}) {
        byte[] array = Bytes.npy(HTD, new Bytes().f32(Bytes.counting(0, 12)).array());
        add(zip, false, name, array);
      }
    }
    String renamed = out.toString(StandardCharsets.ISO_8859_1).replace("k_1.npy", "k_0.npy");
    assertRefused(renamed.getBytes(StandardCharsets.ISO_8859_1), "holds two tensors named 'k_0'");
  }

  @Test
  void refusesPicklesWhereverTheyAre() throws IOException {
    assertRefused(new Bytes().u8(0x80, 4, 0x95).array(), "Python pickle", "safetensors");
    ByteArrayOutputStream torch = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(torch)) {
      zip.putNextEntry(new ZipEntry("archive/data.pkl"));
      zip.write(new byte[] {(byte) 0x80, 2});
    }
    assertRefused(torch.toByteArray(), "Python pickle");
    assertRefused(
        Bytes.npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }", new byte[8]),
        "Python objects, a pickle");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2, 1, 1, 2), } | Fortran order",
        "{'descr': '>f4', 'fortran_order': False, 'shape': (1, 2, 1, 1, 2), } | little-endian",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 1, 1, 3), } | there are 16",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), } | the axes 'lkhtd' need 5",
        "{'descr': '<i4', 'fortran_order': False, 'shape': (1, 2, 1, 1, 2), } | f4, f2 or u2",
        "{'descr': [('a', '<f4')], 'shape': (4,), } | no plain element type",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (9999999999, 9999999999), } | 2^63",
      })
  void refusesAnArrayOfAnotherMake(String dictionary, String sentence) {
    assertRefused(Bytes.npy(dictionary, new byte[16]), sentence);
  }

  private byte[] archive(boolean deflated) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(out)) {
      add(zip, deflated, "k_0.npy", Bytes.npy(HTD, new Bytes().f32(Bytes.counting(0, 12)).array()));
      add(
          zip,
          deflated,
          "v_0.npy",
          Bytes.npy(HTD, new Bytes().f32(Bytes.counting(20, 12)).array()));
    }
    return out.toByteArray();
  }

  private static void add(ZipOutputStream zip, boolean deflated, String name, byte[] bytes)
      throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setMethod(deflated ? ZipEntry.DEFLATED : ZipEntry.STORED);
    CRC32 crc = new CRC32();
    crc.update(bytes);
    entry.setCrc(crc.getValue());
    entry.setSize(bytes.length);
    zip.putNextEntry(entry);
    zip.write(bytes);
  }

  /** Reads with another program's reader, which checks the sum. */
  private static void assertMember(Path archive, String name, float[] values) throws IOException {
    try (ZipFile zip = new ZipFile(archive.toFile());
        InputStream in = zip.getInputStream(zip.getEntry(name))) {
      byte[] bytes = in.readAllBytes();
      CRC32 crc = new CRC32();
      crc.update(bytes);
      assertThat(zip.getEntry(name).getCrc()).isEqualTo(crc.getValue());
      assertThat(bytes).endsWith(new Bytes().f32(values).array());
    }
  }

  private void assertRefused(byte[] file, String... sentences) {
    Path path = folder.resolve("bad");
    assertThatExceptionOfType(CommandFailure.class)
        .isThrownBy(() -> Kv.open(path, file, KindOptions.NONE).close())
        .withMessageStartingWith(path.toString())
        .withMessageContainingAll(sentences);
    assertThat(Files.exists(path)).isTrue();
  }
}

package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.Encodings;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ChainKey;
import dev.varve.store.Digest256;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Files of version 1 that must be read for ever: what has to change gets another version and
 * another file. The one without entropy coding is also written the same as long as this version is;
 * what an encoder makes of its choices may become smaller.
 */
class GoldenContainerTest {
  private static final String CODED = "golden-1.varve";
  private static final String RAW = "golden-1-raw.varve";
  private static final String NEWEST = "golden-1.1-raw.varve";

  @TempDir Path folder;

  private static ContainerHeader header() {
    Map<String, String> strings = new LinkedHashMap<>();
    strings.put("format", "pt");
    strings.put("made by", "a test");
    int[] ids = new int[40];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i * i;
    }
    List<Encoding> row = List.of(Encodings.parse("lossless"), Encodings.parse("int4"));
    return ContainerHeader.of(Containers.shape(Dtype.BF16), 32, 40)
        .alignedTo(256)
        .from(96)
        .createdAt(1_790_000_000_000L)
        .of(new ModelIdentity("a model", Optional.of(new Fingerprint(new Digest256(1, 2, 3, 4)))))
        .from(new SourceDescription("safetensors", strings, "{\"tensors\": []}"))
        .withTokens(TokenIds.of(ids))
        .withChain(
            List.of(
                new ChainKey(new Digest256(5, 6, 7, 8)),
                new ChainKey(new Digest256(9, 10, 11, 12))))
        .planned(new EncodingPlan(List.of("exact", "small"), Collections.nCopies(3, row)));
  }

  /** Bytes that repeat, or bytes that no coder makes fewer. */
  private static byte[] tensor(String golden) {
    byte[] bytes = new byte[2000];
    if (!golden.equals(CODED)) {
      new Random(1).nextBytes(bytes);
      return bytes;
    }
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) (i % 4 == 3 ? 0x40 : i % 4 == 2 ? i / 16 : i * 37);
    }
    return bytes;
  }

  private Path write() throws IOException {
    Path path = folder.resolve("again.varve");
    ContainerHeader header = header();
    try (ContainerWriter writer =
        ContainerWriter.create(path, header, Existing.REFUSE, Backend.SCALAR)) {
      Containers.appendAll(writer, header, "raw", 0);
      writer.appendTables(1, MemorySegment.ofArray(new byte[] {3, 1, 4, 1, 5}));
      Encoding encoding = Encodings.parse("int4");
      MemorySegment block = Containers.block(header, 2, 1);
      writer.append(
          new BlockInfo(new BlockAddress(2, 1, 1), encoding, 8, OptionalInt.of(0), 1),
          OptionalInt.of(0x1234_5678),
          Containers.encode(header, encoding, 2, 1, block));
      writer.attach(
          new Attachment("layers.0.queries", "F32", List.of(5L, 100L), 2000),
          AttachmentSource.of(MemorySegment.ofArray(tensor(RAW))));
      writer.attach(
          new Attachment("none", "I32", List.of(0L), 0),
          AttachmentSource.of(MemorySegment.ofArray(new byte[0])));
      writer.commit();
    }
    return path;
  }

  private static byte[] golden(String name) throws IOException {
    try (InputStream in = GoldenContainerTest.class.getResourceAsStream(name)) {
      assertThat(in).as(name).isNotNull();
      return in.readAllBytes();
    }
  }

  @Test
  void writesTheBytesItAlwaysWrote() throws IOException {
    assertThat(Files.readAllBytes(write())).isEqualTo(golden(NEWEST));
  }

  @ParameterizedTest
  @ValueSource(strings = {CODED, RAW, NEWEST})
  void readsWhatWasWrittenLongAgo(String golden) throws IOException {
    Path path = Files.write(folder.resolve(golden), golden(golden));
    try (ContainerFile file = Containers.open(path)) {
      assertThat(file.verify(_ -> {})).isEmpty();
      assertThat(file.header()).isEqualTo(header());
      assertThat(file.blocks()).hasSize(5);
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      for (BlockEntry entry : file.blocks()) {
        if (entry.address().level() == 0) {
          assertThat(same(file.header(), decoder, entry)).as(entry.toString()).isTrue();
        }
      }
      BlockInfo small = file.find(new BlockAddress(2, 1, 1)).orElseThrow().info();
      assertThat(small.dependsOn()).hasValue(0);
      assertThat(small.tableSet()).isEqualTo(1);
      assertThat(((TableReading.Sound) file.tables(1)).tables().bytes().byteSize()).isEqualTo(5);
      assertThat(((AttachmentReading.Sound) file.attachment(1)).attachment().name())
          .isEqualTo("none");
      MemorySegment tensor = Arena.ofAuto().allocate(2000);
      assertThat(new AttachmentReader(file, Backend.SCALAR).read(0, tensor))
          .isEqualTo(new ContainerReading.Read());
      assertThat(tensor.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(tensor(golden));
    }
  }

  private static boolean same(ContainerHeader header, ContainerDecoder decoder, BlockEntry entry) {
    BlockGeometry geometry = header.geometry(entry.address().layer());
    MemorySegment decoded = Arena.ofAuto().allocate(geometry.bytes());
    MemorySegment original =
        Containers.block(header, entry.address().layer(), entry.address().chunk());
    boolean same = decoder.decode(entry, decoded) instanceof ContainerReading.Read;
    for (int head = 0; head < geometry.kvHeads(); head++) {
      long key = geometry.keyOffset(head, 0);
      long value = geometry.valueOffset(head, 0);
      long keys = entry.info().tokens() * geometry.keyRowBytes();
      long values = entry.info().tokens() * geometry.valueRowBytes();
      same &= original.asSlice(key, keys).mismatch(decoded.asSlice(key, keys)) < 0;
      same &= original.asSlice(value, values).mismatch(decoded.asSlice(value, values)) < 0;
    }
    return same;
  }
}

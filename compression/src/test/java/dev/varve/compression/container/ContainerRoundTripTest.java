package dev.varve.compression.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.TestTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.ChainKey;
import dev.varve.store.Digest256;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.Fingerprint;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ContainerRoundTripTest {
  @TempDir Path folder;

  private Path target() {
    return folder.resolve("context.varve");
  }

  private ContainerWriter create(ContainerHeader header) throws IOException {
    return ContainerWriter.create(target(), header, Existing.REFUSE, Backend.SCALAR);
  }

  private void write(ContainerHeader header, String encoding) throws IOException {
    try (ContainerWriter writer = create(header)) {
      Containers.appendAll(writer, header, encoding, 0);
      writer.commit();
    }
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void givesBackEveryBlockToTheBit(Dtype dtype) throws IOException {
    for (String encoding : List.of("raw", "lossless")) {
      ContainerHeader header = Containers.header(dtype);
      Path path = folder.resolve(encoding + ".varve");
      try (ContainerWriter writer =
          ContainerWriter.create(path, header, Existing.REFUSE, Backend.SCALAR)) {
        Containers.appendAll(writer, header, encoding, 0);
        ContainerSummary summary = writer.commit();
        assertThat(summary.blocks()).isEqualTo(6);
        assertThat(summary.fileBytes()).isEqualTo(path.toFile().length());
      }
      try (ContainerFile file = Containers.open(path)) {
        assertThat(file.header()).isEqualTo(header);
        assertThat(file.verify(_ -> {})).isEmpty();
        ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.VECTOR));
        for (BlockEntry entry : file.blocks()) {
          BlockAddress address = entry.address();
          BlockGeometry geometry = header.geometry(address.layer());
          MemorySegment decoded = Arena.ofAuto().allocate(geometry.bytes());
          assertThat(decoder.decode(entry, decoded)).isEqualTo(new ContainerReading.Read());
          MemorySegment original = Containers.block(header, address.layer(), address.chunk());
          for (int head = 0; head < geometry.kvHeads(); head++) {
            for (int token = 0; token < entry.info().tokens(); token++) {
              long key = geometry.keyOffset(head, token);
              long value = geometry.valueOffset(head, token);
              assertThat(same(decoded, original, key, geometry.keyRowBytes())).isTrue();
              assertThat(same(decoded, original, value, geometry.valueRowBytes())).isTrue();
            }
          }
        }
      }
    }
  }

  private static boolean same(MemorySegment one, MemorySegment other, long at, long bytes) {
    return one.asSlice(at, bytes).mismatch(other.asSlice(at, bytes)) < 0;
  }

  @Test
  void readsSomeHeadsOfSomeChunks() throws IOException {
    ContainerHeader header = Containers.header(Dtype.F16);
    write(header, "lossless");
    try (ContainerFile file = Containers.open(target())) {
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      for (int layer : new int[] {0, 2}) {
        for (Section section : Section.values()) {
          int heads = header.shape().layers().get(layer).kvHeads();
          RowSelection selection = new RowSelection(layer, section, 1, 2, heads - 1, 1, 0);
          BlockGeometry geometry = header.geometry(layer);
          int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
          int tokens = 64 + 150 - 128;
          assertThat(selection.tokens(header)).isEqualTo(tokens);
          MemorySegment rows = Arena.ofAuto().allocate((long) tokens * dim * 2);
          assertThat(decoder.read(selection, rows)).isEqualTo(new ContainerReading.Read());
          for (int token = 0; token < tokens; token++) {
            MemorySegment block = Containers.block(header, layer, 1 + token / 64);
            long at =
                section == Section.KEYS
                    ? geometry.keyOffset(heads - 1, token % 64)
                    : geometry.valueOffset(heads - 1, token % 64);
            assertThat(
                    rows.asSlice(2L * dim * token, 2L * dim).mismatch(block.asSlice(at, 2L * dim)))
                .isEqualTo(-1);
          }
        }
      }
      RowSelection wrong = new RowSelection(0, Section.KEYS, 2, 2, 0, 1, 0);
      assertThatThrownBy(() -> decoder.read(wrong, MemorySegment.ofArray(new byte[0])))
          .hasMessageContaining("3 chunks");
      MemorySegment room = Arena.ofAuto().allocate(2L * 150 * 32 * 2);
      assertThat(decoder.read(RowSelection.all(header, 0, Section.KEYS), room))
          .isEqualTo(new ContainerReading.Read());
    }
  }

  @Test
  void keepsAllThatTheHeaderSays() throws IOException {
    Map<String, String> strings = new LinkedHashMap<>();
    strings.put("z", "last letter, first string");
    strings.put("a", "");
    strings.put("", "ümlaut \uD83D\uDE00");
    List<ChainKey> chain = new ArrayList<>();
    for (long i = 0; i < 3; i++) {
      chain.add(new ChainKey(new Digest256(i, -i, 7 * i, i << 40)));
    }
    Fingerprint print = Fingerprint.of("model", Containers.shape(Dtype.BF16), 64);
    List<Encoding> row = List.of(Encodings.parse("lossless"), Encodings.parse("kivi2"));
    ContainerHeader header =
        Containers.header(Dtype.BF16)
            .from(4711)
            .createdAt(1_790_000_000_000L)
            .alignedTo(512)
            .of(new ModelIdentity("byte-llama", Optional.of(print)))
            .from(new SourceDescription("safetensors", strings, "{\"order\": [\"k.0\"]}"))
            .withTokens(TokenIds.of(new int[150]))
            .withChain(chain)
            .planned(new EncodingPlan(List.of("exact", "small"), Collections.nCopies(3, row)));
    try (ContainerWriter writer = create(header)) {
      Containers.appendAll(writer, header, "kivi2", 1);
      Containers.appendAll(writer, header, "lossless", 0);
      writer.commit();
    }
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.header()).isEqualTo(header);
      assertThat(file.header().source().metadata().keySet()).containsExactly("z", "a", "");
      assertThat(file.verify(_ -> {})).isEmpty();
      assertThat(file.blocks())
          .isSortedAccordingTo((one, other) -> one.address().compareTo(other.address()));
      assertThat(file.blocks()).hasSize(12).allMatch(entry -> entry.offset() % 512 == 0);
      BlockEntry small = file.find(new BlockAddress(2, 1, 1)).orElseThrow();
      assertThat(small.info().encoding()).isEqualTo(Encodings.parse("kivi2"));
      assertThat(file.find(new BlockAddress(1, 0, 0))).isEmpty();
      assertThat(file.mismatch(ModelIdentity.named("byte-llama"))).isEmpty();
      assertThat(file.mismatch(ModelIdentity.named("another")).orElseThrow().kind())
          .isEqualTo(FaultKind.MODEL_MISMATCH);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 64})
  void holdsNoTokenOneTokenAndAWholeChunk(int tokens) throws IOException {
    ContainerHeader header = ContainerHeader.of(Containers.shape(Dtype.F16), 64, tokens);
    write(header, "lossless");
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.blocks()).hasSize(tokens == 0 ? 0 : 2);
      assertThat(file.verify(_ -> {})).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"F32", "F16", "BF16", "I32", "something else"})
  void givesBackAttachmentsInPieces(String dtype) throws IOException {
    ContainerHeader header = Containers.header(Dtype.F16);
    byte[] tensor = new byte[(5 << 19) + 12];
    for (int i = 0; i < tensor.length; i++) {
      tensor[i] = (byte) (i % 4 == 3 ? 0x3f : i % 97);
    }
    Attachment large = new Attachment("layers.0.queries", dtype, List.of(2L, 5L), tensor.length);
    Attachment empty = new Attachment("empty", dtype, List.of(0L, 3L), 0);
    try (ContainerWriter writer = create(header)) {
      writer.attach(large, AttachmentSource.of(MemorySegment.ofArray(tensor)));
      Containers.appendAll(writer, header, "int8", 0);
      writer.attach(
          empty,
          (offset, target) -> {
            throw new IOException("nothing is to be read");
          });
      assertThatThrownBy(() -> writer.attach(empty, (offset, target) -> {}))
          .hasMessageContaining("there already");
      assertThat(writer.commit().attachments()).isEqualTo(2);
    }
    assertThat(target().toFile().length()).isLessThan(tensor.length);
    try (ContainerFile file = Containers.open(target())) {
      assertThat(file.verify(_ -> {})).isEmpty();
      assertThat(file.attachmentCount()).isEqualTo(2);
      assertThat(file.attachment(0)).isEqualTo(new AttachmentReading.Sound(large));
      assertThat(file.attachment(1)).isEqualTo(new AttachmentReading.Sound(empty));
      AttachmentReader reader = new AttachmentReader(file, Backend.SCALAR);
      MemorySegment whole = Arena.ofAuto().allocate(tensor.length);
      assertThat(reader.read(0, whole)).isEqualTo(new ContainerReading.Read());
      assertThat(whole.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(tensor);
      MemorySegment last = Arena.ofAuto().allocate((1 << 19) + 12);
      assertThat(reader.read(0, 2, last)).isEqualTo(new ContainerReading.Read());
      assertThat(last.mismatch(whole.asSlice(2 << 20))).isEqualTo(-1);
      assertThat(reader.read(1, MemorySegment.ofArray(new byte[0])))
          .isEqualTo(new ContainerReading.Read());
    }
  }

  @Test
  void handsOutTableSetsAndNamesTheOneThatIsMissing() throws IOException {
    ContainerHeader header = Containers.header(Dtype.F16);
    byte[] tables = {1, 2, 3, 4, 5};
    MemorySegment payload =
        Containers.encode(header, Encodings.parse("int8"), 0, 0, Containers.block(header, 0, 0));
    try (ContainerWriter writer = create(header)) {
      for (int chunk = 0; chunk < 2; chunk++) {
        BlockInfo info =
            new BlockInfo(
                BlockAddress.of(0, chunk),
                Encodings.parse("int8"),
                64,
                OptionalInt.empty(),
                7 + chunk);
        writer.append(info, payload);
      }
      writer.appendTables(7, MemorySegment.ofArray(tables));
      writer.commit();
    }
    try (ContainerFile file = Containers.open(target())) {
      TableSet set = ((TableReading.Sound) file.tables(7)).tables();
      assertThat(set.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(tables);
      assertThat(set.hash().toString()).startsWith("74f81fe167d99b4c");
      ContainerFault missing = ((TableReading.Refused) file.tables(8)).fault();
      assertThat(missing.kind()).isEqualTo(FaultKind.TABLE_MISSING);
      assertThat(file.verify(_ -> {}))
          .singleElement()
          .satisfies(fault -> assertThat(fault.kind()).isEqualTo(FaultKind.TABLE_MISSING));
      ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
      MemorySegment block = Arena.ofAuto().allocate(header.geometry(0).bytes());
      ContainerReading reading = decoder.decode(file.blocks().get(1), block);
      assertThat(((ContainerReading.Refused) reading).fault().kind())
          .isEqualTo(FaultKind.TABLE_MISSING);
    }
  }

  /** Blocks that need tables: right ones, none, damaged ones, those of another layer. */
  @Test
  void decodesBlocksWithTheTablesTheyName() throws IOException {
    ContainerHeader header = ContainerHeader.of(Containers.shape(Dtype.F16), 64, 64);
    Encoding encoding = Encodings.parse("kvquant3");
    MemorySegment exact = Containers.block(header, 0, 0);
    MemorySegment payload = Containers.encode(header, encoding, 0, 0, exact);
    MemorySegment right = TestTables.of(header.geometry(0)).bytes();
    byte[] halved = right.asSlice(0, right.byteSize() / 2).toArray(ValueLayout.JAVA_BYTE);
    MemorySegment block = Arena.ofAuto().allocate(header.geometry(0).bytes());
    for (int set = 0; set < 3; set++) {
      Files.deleteIfExists(target());
      try (ContainerWriter writer = create(header)) {
        writer.append(
            new BlockInfo(BlockAddress.of(0, 0), encoding, 64, OptionalInt.empty(), set), payload);
        writer.appendTables(1, right);
        writer.appendTables(2, MemorySegment.ofArray(halved));
        writer.commit();
      }
      try (ContainerFile file = Containers.open(target())) {
        ContainerDecoder decoder = new ContainerDecoder(file, CodecSource.of(Backend.SCALAR));
        ContainerReading reading = decoder.decode(file.blocks().getFirst(), block);
        if (set == 1) {
          assertThat(reading).isInstanceOf(ContainerReading.Read.class);
        } else {
          ContainerFault fault = ((ContainerReading.Refused) reading).fault();
          assertThat(fault.kind())
              .isEqualTo(set == 0 ? FaultKind.TABLE_MISSING : FaultKind.CORRUPT_PAYLOAD);
          assertThat(fault.reason()).contains("table");
        }
      }
    }
  }
}

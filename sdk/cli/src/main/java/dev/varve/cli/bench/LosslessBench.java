package dev.varve.cli.bench;

import dev.varve.cli.bench.CapturedKv.Section;
import dev.varve.cli.bench.Comparison.Question;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.compression.entropy.SymbolWriter;
import dev.varve.compression.lossless.ElementKind;
import dev.varve.compression.lossless.LosslessSection;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** The lossless codec on real sections of one kind, beside zstd on the same bytes. */
final class LosslessBench implements AutoCloseable {
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final double WARM_UP_SECONDS = 3;
  private static final String PROBE = "zstd -1";
  private static final String SECTION_PROBE = "zstd -1 of each section";
  private static final double CHANNELS_GOAL = 0.90;
  private static final double EXPONENTS_GOAL = 0.89;
  private static final double DECODE_GOAL = 1.0;
  private static final double ENCODE_GOAL = 0.5;

  /** Where a section says how long its first plane and, of two planes, its references are. */
  private static final int PLANE_OFFSET = 4;

  private static final int REFERENCES_OFFSET = 12;
  private static final int FORM_OFFSET = 1;
  private static final int WITH_REFERENCES = 2;

  private final String name;
  private final CapturedKv kv;
  private final Backend backend;
  private final LosslessSection codec;
  private final byte[] plain;
  private final MemorySegment back;
  private final List<MemorySegment> encoded = new ArrayList<>();
  private final ZstdProbe zstd;
  private final ZstdSections apart;

  LosslessBench(String name, CapturedKv kv, Backend backend) {
    this.name = name;
    this.kv = kv;
    this.backend = backend;
    Section first = kv.sections().getFirst();
    this.codec =
        new LosslessSection(ElementKind.BF16, first.heads(), first.dim(), first.tokens(), backend);
    this.plain = kv.bytes();
    this.back = MemorySegment.ofArray(new byte[(int) first.bytes().byteSize()]);
    for (int i = 0; i < kv.sections().size(); i++) {
      encoded.add(MemorySegment.ofArray(new byte[(int) codec.maxBytes(first.tokens())]));
    }
    this.zstd = new ZstdProbe(plain);
    this.apart = new ZstdSections(parts(plain, (int) first.bytes().byteSize()));
    encode();
    check();
  }

  List<Comparison> rates(int pairs) throws IOException {
    OptionalDouble decodeGoal = OptionalDouble.of(DECODE_GOAL);
    OptionalDouble encodeGoal = OptionalDouble.of(ENCODE_GOAL);
    OptionalDouble none = OptionalDouble.empty();
    return List.of(
        measure("decode", PROBE, decodeGoal, pairs, this::decode, zstd::decode),
        measure("decode", SECTION_PROBE, decodeGoal, pairs, this::decode, apart::decode),
        measure("encode", PROBE, encodeGoal, pairs, this::encode, zstd::encode),
        measure("encode", SECTION_PROBE, encodeGoal, pairs, this::encode, apart::encode),
        measure(
            "decode beside memory", "copy of the bytes", none, pairs, this::decode, this::copy));
  }

  /** Bytes beside zstd's, over all sections together and section by section. */
  List<SizeFinding> wholes() {
    long total = encoded.stream().mapToLong(MemorySegment::byteSize).sum();
    String whole = name + " as bf16";
    OptionalDouble none = OptionalDouble.empty();
    return List.of(
        new SizeFinding(whole, PROBE, plain.length, total, zstd.size(), none),
        new SizeFinding(whole, SECTION_PROBE, plain.length, total, apart.size(), none));
  }

  /** Bytes of exponents, and of quantized symbols with tables by channel. */
  List<SizeFinding> planes() {
    String planes = name + " exponents, as sections hold them";
    OptionalDouble goal = OptionalDouble.of(EXPONENTS_GOAL);
    byte[] exponents = kv.exponents();
    int each = exponents.length / kv.sections().size();
    long ours = exponentBytes();
    return List.of(
        new SizeFinding(planes, PROBE, exponents.length, ours, zstd(List.of(exponents)), goal),
        new SizeFinding(
            planes, SECTION_PROBE, exponents.length, ours, zstd(parts(exponents, each)), goal),
        byChannel(exponents, each),
        ChannelTables.quantized(name, kv, backend));
  }

  /** Exponents with tables by channel beside one table a section. */
  private SizeFinding byChannel(byte[] exponents, int each) {
    SymbolWriter writer = new SymbolWriter(backend);
    MemorySegment target = MemorySegment.ofArray(new byte[(int) SymbolWriter.maxBytes(each)]);
    long byChannel = 0;
    long oneTable = 0;
    int from = 0;
    for (Section section : kv.sections()) {
      byte[] rows = Arrays.copyOfRange(exponents, from, from + each);
      oneTable += writer.write(rows, each, 1, target);
      byChannel +=
          writer.write(byChannel(rows, section), each, section.heads() * section.dim(), target);
      from += each;
    }
    return new SizeFinding(
        name + " exponents, tables by channel",
        "one table a section",
        exponents.length,
        byChannel,
        oneTable,
        OptionalDouble.of(CHANNELS_GOAL));
  }

  /** Bytes of first planes, and of references, for zstd too has to say where a row came before. */
  private long exponentBytes() {
    long bytes = 0;
    for (MemorySegment section : encoded) {
      bytes += section.get(INT, PLANE_OFFSET);
      if ((section.get(ValueLayout.JAVA_BYTE, FORM_OFFSET) & WITH_REFERENCES) != 0) {
        bytes += section.get(INT, REFERENCES_OFFSET);
      }
    }
    return bytes;
  }

  private static long zstd(List<byte[]> arrays) {
    try (ZstdSections probe = new ZstdSections(arrays)) {
      return probe.size();
    }
  }

  private static List<byte[]> parts(byte[] all, int length) {
    List<byte[]> parts = new ArrayList<>();
    for (int from = 0; from < all.length; from += length) {
      parts.add(Arrays.copyOfRange(all, from, from + length));
    }
    return parts;
  }

  private static byte[] byChannel(byte[] rows, Section section) {
    byte[] channels = new byte[rows.length];
    int perHead = section.tokens() * section.dim();
    for (int i = 0; i < rows.length; i++) {
      int head = i / perHead;
      int token = i % perHead / section.dim();
      int channel = i % section.dim();
      channels[head * perHead + channel * section.tokens() + token] = rows[i];
    }
    return channels;
  }

  private Comparison measure(
      String direction,
      String probe,
      OptionalDouble goal,
      int pairs,
      Runnable ours,
      Runnable theirs)
      throws IOException {
    ThreadClock.warmUp(WARM_UP_SECONDS, ours);
    ThreadClock.warmUp(WARM_UP_SECONDS / 4, theirs);
    return Comparison.measure(
        new Question(name + " as bf16 " + direction, probe, goal),
        pairs,
        _ -> ThreadClock.rate(plain.length, ours),
        _ -> ThreadClock.rate(plain.length, theirs));
  }

  private void copy() {
    for (Section section : kv.sections()) {
      back.asSlice(0, section.bytes().byteSize()).copyFrom(section.bytes());
    }
  }

  private void encode() {
    for (int i = 0; i < encoded.size(); i++) {
      Section section = kv.sections().get(i);
      MemorySegment whole = MemorySegment.ofArray((byte[]) encoded.get(i).heapBase().orElseThrow());
      encoded.set(i, whole.asSlice(0, codec.encode(section::head, section.tokens(), whole)));
    }
  }

  private void decode() {
    for (int i = 0; i < encoded.size(); i++) {
      decode(i);
    }
  }

  private void decode(int i) {
    Section section = kv.sections().get(i);
    long each = 2L * section.tokens() * section.dim();
    SymbolReading reading =
        codec.decode(encoded.get(i), section.tokens(), head -> back.asSlice(head * each, each));
    if (reading instanceof SymbolReading.Refused refused) {
      throw new IllegalStateException(refused.reason());
    }
  }

  private void check() {
    for (int i = 0; i < encoded.size(); i++) {
      decode(i);
      if (back.mismatch(kv.sections().get(i).bytes()) >= 0) {
        throw new IllegalStateException("section " + i + " did not come back as it was");
      }
    }
  }

  @Override
  public void close() {
    apart.close();
    zstd.close();
  }
}

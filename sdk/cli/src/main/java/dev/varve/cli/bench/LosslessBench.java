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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** The lossless codec on real sections of one kind, beside zstd on the same bytes. */
final class LosslessBench implements AutoCloseable {
  private static final double WARM_UP_SECONDS = 3;
  private static final String PROBE = "zstd -1";
  private static final double CHANNELS_GOAL = 0.90;

  private final String name;
  private final CapturedKv kv;
  private final Backend backend;
  private final LosslessSection codec;
  private final byte[] plain;
  private final MemorySegment back;
  private final List<MemorySegment> encoded = new ArrayList<>();
  private final ZstdProbe zstd;

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
    encode();
    check();
  }

  List<Comparison> rates(int pairs) throws IOException {
    return List.of(
        measure("decode", PROBE, pairs, this::decode, zstd::decode),
        measure("encode", PROBE, pairs, this::encode, zstd::encode),
        measure("decode beside memory", "copy of the bytes", pairs, this::decode, this::copy));
  }

  /** Bytes beside zstd's; exponents with tables by channel beside one table a section. */
  List<SizeFinding> sizes() {
    long total = encoded.stream().mapToLong(MemorySegment::byteSize).sum();
    long byChannel = 0;
    long oneTable = 0;
    byte[] exponents = kv.exponents();
    SymbolWriter writer = new SymbolWriter(backend);
    int from = 0;
    for (Section section : kv.sections()) {
      int count = section.heads() * section.tokens() * section.dim();
      byte[] rows = Arrays.copyOfRange(exponents, from, from + count);
      MemorySegment target = MemorySegment.ofArray(new byte[(int) SymbolWriter.maxBytes(count)]);
      oneTable += writer.write(rows, count, 1, target);
      byChannel +=
          writer.write(byChannel(rows, section), count, section.heads() * section.dim(), target);
      from += count;
    }
    return List.of(
        new SizeFinding(
            name + " as bf16", PROBE, plain.length, total, zstd.size(), OptionalDouble.empty()),
        new SizeFinding(
            name + " exponents, tables by channel",
            "one table a section",
            exponents.length,
            byChannel,
            oneTable,
            OptionalDouble.of(CHANNELS_GOAL)));
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
      String direction, String probe, int pairs, Runnable ours, Runnable theirs)
      throws IOException {
    ThreadClock.warmUp(WARM_UP_SECONDS, ours);
    ThreadClock.warmUp(WARM_UP_SECONDS / 4, theirs);
    return Comparison.measure(
        new Question(name + " as bf16 " + direction, probe, OptionalDouble.empty()),
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
    zstd.close();
  }
}

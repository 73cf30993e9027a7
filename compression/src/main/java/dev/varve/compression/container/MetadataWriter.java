package dev.varve.compression.container;

import dev.varve.store.ChainKey;
import dev.varve.store.Digest256;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Turns a {@link ContainerHeader} into {@link Tlv}s; what is not said takes no bytes. */
final class MetadataWriter {
  private final List<Tlv> parts = new ArrayList<>();

  private MetadataWriter() {}

  /**
   * The metadata of {@code header}.
   *
   * @throws IllegalArgumentException if a text is longer than its limit
   */
  static List<Tlv> write(ContainerHeader header) {
    MetadataWriter writer = new MetadataWriter();
    writer.layers(header.shape().layers());
    writer.text(MetadataTypes.MODEL_NAME, header.model().name(), MetadataReader.MAX_NAME_BYTES);
    header
        .model()
        .fingerprint()
        .ifPresent(print -> writer.digests(MetadataTypes.FINGERPRINT, List.of(print.digest())));
    if (header.positionBase() != 0) {
      MemorySegment base = heap(Long.BYTES);
      base.set(Layouts.LONG, 0, header.positionBase());
      writer.add(MetadataTypes.POSITION_BASE, base);
    }
    header.tokenIds().ifPresent(writer::tokenIds);
    writer.digests(MetadataTypes.CHAIN, header.chain().stream().map(ChainKey::digest).toList());
    if (!header.plan().equals(EncodingPlan.NONE)) {
      writer.plan(header.plan());
    }
    SourceDescription source = header.source();
    writer.text(MetadataTypes.SOURCE_KIND, source.kind(), MetadataReader.MAX_NAME_BYTES);
    writer.pairs(source.metadata());
    writer.text(MetadataTypes.SOURCE_LAYOUT, source.layout(), SourceDescription.MAX_LAYOUT_BYTES);
    return writer.parts;
  }

  private void add(int type, MemorySegment value) {
    parts.add(new Tlv(type, type == MetadataTypes.LAYERS, value));
  }

  private void layers(List<LayerShape> layers) {
    MemorySegment bytes = heap(layers.size() * LayerDescriptor.LENGTH);
    for (int i = 0; i < layers.size(); i++) {
      LayerDescriptor.write(layers.get(i), bytes, (long) i * LayerDescriptor.LENGTH);
    }
    add(MetadataTypes.LAYERS, bytes);
  }

  private void text(int type, String text, int limit) {
    if (!text.isEmpty()) {
      add(type, MemorySegment.ofArray(utf8(text, limit)));
    }
  }

  private void digests(int type, List<Digest256> digests) {
    if (digests.isEmpty()) {
      return;
    }
    MemorySegment bytes = heap(Math.multiplyExact(digests.size(), Digest256.BYTES));
    for (int i = 0; i < digests.size(); i++) {
      digests.get(i).write(bytes, (long) i * Digest256.BYTES);
    }
    add(type, bytes);
  }

  private void tokenIds(TokenIds ids) {
    MemorySegment bytes = heap(Math.multiplyExact(ids.count(), Integer.BYTES));
    MemorySegment.copy(ids.toArray(), 0, bytes, Layouts.INT, 0, ids.count());
    add(MetadataTypes.TOKEN_IDS, bytes);
  }

  private void plan(EncodingPlan plan) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(plan.levels().size() - 1);
    bytes.write(plan.encodings().isEmpty() ? 0 : 1);
    for (String level : plan.levels()) {
      byte[] name = utf8(level, EncodingPlan.MAX_NAME_BYTES);
      bytes.write(name.length);
      bytes.writeBytes(name);
    }
    for (List<Encoding> layer : plan.encodings()) {
      for (Encoding encoding : layer) {
        bytes.write(encoding.id() & 0xff);
        bytes.write(encoding.id() >>> Byte.SIZE);
      }
    }
    add(MetadataTypes.PLAN, MemorySegment.ofArray(bytes.toByteArray()));
  }

  private void pairs(Map<String, String> pairs) {
    if (pairs.isEmpty()) {
      return;
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    pairs.forEach((key, value) -> {
      string(key, bytes);
      string(value, bytes);
    });
    if (bytes.size() > MetadataReader.MAX_STRINGS_BYTES) {
      throw new IllegalArgumentException(
          "the source's metadata take %d bytes, the limit is %d"
              .formatted(bytes.size(), MetadataReader.MAX_STRINGS_BYTES));
    }
    add(MetadataTypes.SOURCE_METADATA, MemorySegment.ofArray(bytes.toByteArray()));
  }

  private static void string(String text, ByteArrayOutputStream target) {
    byte[] bytes = utf8(text, MetadataReader.MAX_STRINGS_BYTES);
    MemorySegment length = heap(Integer.BYTES);
    length.set(Layouts.INT, 0, bytes.length);
    target.writeBytes(length.toArray(ValueLayout.JAVA_BYTE));
    target.writeBytes(bytes);
  }

  /** The bytes of {@code text}, checked against the limit. */
  static byte[] utf8(String text, int limit) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length > limit) {
      String front = text.substring(0, Math.min(40, text.length()));
      throw new IllegalArgumentException(
          "'%s' takes %d bytes, the limit is %d".formatted(front, bytes.length, limit));
    }
    return bytes;
  }

  private static MemorySegment heap(int bytes) {
    return MemorySegment.ofArray(new byte[bytes]);
  }
}

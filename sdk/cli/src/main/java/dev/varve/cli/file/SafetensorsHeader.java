package dev.varve.cli.file;

import dev.varve.compression.Section;
import dev.varve.store.safetensors.TensorSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Lays out a safetensors file of keys and values alone, in the order of its layers. */
final class SafetensorsHeader {

  private static final int ALIGNMENT = 64;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private SafetensorsHeader() {}

  /**
   * The file of these tensors.
   *
   * @param specs keys and values of layer 0, of layer 1 and so on
   */
  static NewFile plan(List<TensorSpec> specs, KvDescription description) {
    ObjectNode root = JSON.createObjectNode();
    root.putObject("__metadata__").put("format", "pt");
    long next = 0;
    for (TensorSpec spec : specs) {
      ObjectNode node = root.putObject(spec.name());
      node.put("dtype", spec.type().name());
      spec.shape().forEach(node.putArray("shape")::add);
      node.putArray("data_offsets").add(next).add(next + spec.byteSize());
      next += spec.byteSize();
    }
    byte[] json = JSON.writeValueAsBytes(root);
    int padded = json.length + Math.floorMod(-(Long.BYTES + json.length), ALIGNMENT);
    byte[] header = new byte[Long.BYTES + padded];
    Arrays.fill(header, (byte) ' ');
    System.arraycopy(json, 0, header, Long.BYTES, json.length);
    MemorySegment front = MemorySegment.ofArray(header);
    front.set(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN), 0, padded);
    KvLayout.Builder layout = new KvLayout.Builder(SafetensorsKind.NAME);
    long at = header.length;
    for (int i = 0; i < specs.size(); i++) {
      Section section = i % 2 == 0 ? Section.KEYS : Section.VALUES;
      int dim = description.dim(i / 2, section);
      int bytes = description.shape().dtype().bytes();
      layout.place(
          SectionPlace.dense(i / 2, section, at, description.tokens(), dim, bytes),
          new Extent(at, specs.get(i).byteSize()));
      at += specs.get(i).byteSize();
    }
    return new NewFile(layout.build(at), Map.of(0L, front));
  }
}

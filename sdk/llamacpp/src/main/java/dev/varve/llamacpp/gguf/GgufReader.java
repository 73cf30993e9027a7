package dev.varve.llamacpp.gguf;

import dev.varve.llamacpp.LlamaException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * One pass over the head of a GGUF file; every length is compared with what is left of the file.
 */
final class GgufReader {

  private static final int MAGIC = 0x46554747;
  private static final int MOST_ENTRIES = 1 << 16;
  private static final int MOST_AXES = 4;
  private static final int MOST_NAME = 1 << 16;
  private static final int MOST_NESTING = 2;
  private static final int DEFAULT_ALIGNMENT = 32;
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Path path;
  private final MemorySegment file;
  private long at;

  GgufReader(Path path, MemorySegment file) {
    this.path = path;
    this.file = file;
  }

  GgufFile read() {
    if (file.byteSize() < 24 || file.get(INT, 0) != MAGIC) {
      throw refused("begins with no 'GGUF': it is no model for llama.cpp");
    }
    at = 4;
    int version = i32();
    if (version != 2 && version != 3) {
      throw refused("is of GGUF version %d, read are 2 and 3".formatted(version));
    }
    int tensorCount = count("tensors");
    int valueCount = count("metadata entries");
    Map<String, GgufValue> values = new LinkedHashMap<>();
    for (int i = 0; i < valueCount; i++) {
      String key = name();
      if (values.put(key, value(i32(), 0)) != null) {
        throw refused("has the key '%s' twice".formatted(key));
      }
    }
    List<GgufTensor> tensors = new ArrayList<>();
    for (int i = 0; i < tensorCount; i++) {
      tensors.add(tensor());
    }
    long data = dataOffset(values);
    checkTensors(tensors, data, alignment(values));
    return new GgufFile(path, file.byteSize(), values, tensors, data);
  }

  private long dataOffset(Map<String, GgufValue> values) {
    int alignment = alignment(values);
    return Math.ceilDiv(at, (long) alignment) * alignment;
  }

  private int alignment(Map<String, GgufValue> values) {
    GgufValue given = values.get("general.alignment");
    if (given == null) {
      return DEFAULT_ALIGNMENT;
    }
    if (given instanceof GgufValue.Whole(long bytes)
        && bytes >= 8
        && bytes <= 1 << 20
        && Long.bitCount(bytes) == 1) {
      return (int) bytes;
    }
    throw refused("has an alignment that is no power of two from 8 to 1048576: " + given);
  }

  private void checkTensors(List<GgufTensor> tensors, long data, int alignment) {
    Set<String> names = new HashSet<>();
    for (GgufTensor tensor : tensors) {
      if (!names.add(tensor.name())) {
        throw refused("has the tensor '%s' twice".formatted(tensor.name()));
      }
      if (tensor.offset() < 0 || tensor.offset() % alignment != 0) {
        throw refused(
            "has the tensor '%s' at offset %d, which is no multiple of %d"
                .formatted(tensor.name(), tensor.offset(), alignment));
      }
      long room = file.byteSize() - data - tensor.offset();
      if (room < 0 || tensor.bytes() > room) {
        throw refused(
            "is truncated: the tensor '%s' takes %d bytes at %d, the file ends at %d"
                .formatted(tensor.name(), tensor.bytes(), data + tensor.offset(), file.byteSize()));
      }
    }
  }

  private GgufTensor tensor() {
    String name = name();
    int axes = i32();
    if (axes < 1 || axes > MOST_AXES) {
      throw refused("has the tensor '%s' of %d axes, at most 4 are read".formatted(name, axes));
    }
    List<Long> shape = new ArrayList<>();
    long all = 1;
    for (int axis = 0; axis < axes; axis++) {
      long numbers = i64();
      if (numbers < 1 || numbers > Integer.MAX_VALUE) {
        throw refused("has the tensor '%s' with an axis of %d".formatted(name, numbers));
      }
      all = Math.multiplyHigh(all, numbers) == 0 ? all * numbers : -1;
      if (all < 1 || all > 1L << 48) {
        throw refused("has the tensor '%s' of too many numbers".formatted(name));
      }
      shape.add(numbers);
    }
    int id = i32();
    GgmlType type =
        GgmlType.of(id)
            .orElseThrow(() ->
                refused("has the tensor '%s' of type %d, which is unknown".formatted(name, id)));
    if (shape.getFirst() % type.blockNumbers() != 0) {
      throw refused(
          "has the tensor '%s' of %s with rows of %d, no multiple of %d"
              .formatted(name, type, shape.getFirst(), type.blockNumbers()));
    }
    return new GgufTensor(name, shape, type, i64());
  }

  private GgufValue value(int type, int nesting) {
    return switch (type) {
      case 0 -> new GgufValue.Whole(take(1).get(ValueLayout.JAVA_BYTE, 0) & 0xFF);
      case 1 -> new GgufValue.Whole(take(1).get(ValueLayout.JAVA_BYTE, 0));
      case 2 -> new GgufValue.Whole(take(2).get(SHORT, 0) & 0xFFFF);
      case 3 -> new GgufValue.Whole(take(2).get(SHORT, 0));
      case 4 -> new GgufValue.Whole(i32() & 0xFFFFFFFFL);
      case 5 -> new GgufValue.Whole(i32());
      case 6 -> new GgufValue.Real(Float.intBitsToFloat(i32()));
      case 7 -> new GgufValue.Flag(take(1).get(ValueLayout.JAVA_BYTE, 0) != 0);
      case 8 -> new GgufValue.Text(text(file.byteSize()));
      case 9 -> many(nesting);
      case 10, 11 -> new GgufValue.Whole(i64());
      case 12 -> new GgufValue.Real(Double.longBitsToDouble(i64()));
      default -> throw refused("has a value of type %d, which is unknown".formatted(type));
    };
  }

  private GgufValue many(int nesting) {
    int type = i32();
    long length = i64();
    if (nesting == MOST_NESTING) {
      throw refused("has lists in lists in lists");
    }
    if (length < 0 || length > file.byteSize() - at) {
      throw refused("is truncated: a list of %d values at byte %d".formatted(length, at));
    }
    List<GgufValue> values = new ArrayList<>();
    for (long i = 0; i < length; i++) {
      values.add(value(type, nesting + 1));
    }
    return new GgufValue.Many(type, values);
  }

  private int count(String what) {
    long count = i64();
    if (count < 0 || count > MOST_ENTRIES) {
      throw refused("has %d %s, read are at most %d".formatted(count, what, MOST_ENTRIES));
    }
    return (int) count;
  }

  private String name() {
    return text(MOST_NAME);
  }

  private String text(long most) {
    long bytes = i64();
    if (bytes < 0 || bytes > most) {
      throw refused("has a text of %d bytes at byte %d".formatted(bytes, at));
    }
    return new String(take(bytes).toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8);
  }

  private int i32() {
    return take(Integer.BYTES).get(INT, 0);
  }

  private long i64() {
    return take(Long.BYTES).get(LONG, 0);
  }

  private MemorySegment take(long bytes) {
    if (bytes > file.byteSize() - at) {
      throw refused(
          "is truncated: %d bytes are wanted at byte %d of %d"
              .formatted(bytes, at, file.byteSize()));
    }
    MemorySegment slice = file.asSlice(at, bytes);
    at += bytes;
    return slice;
  }

  private LlamaException refused(String what) {
    return new LlamaException("%s: %s".formatted(path, what));
  }
}

package dev.varve.llamacpp.gguf;

import java.io.BufferedOutputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Collects metadata and tensors and writes a GGUF file of version 3. For one thread. */
public final class GgufWriter {

  private static final int MAGIC = 0x46554747;
  private static final int VERSION = 3;
  private static final int ALIGNMENT = 32;
  private static final int U32 = 4;
  private static final int I32 = 5;
  private static final int F32 = 6;
  private static final int BOOL = 7;
  private static final int TEXT = 8;
  private static final int LIST = 9;
  private static final int MOST_NUMBER_BYTES = 8;

  private final ByteArrayOutputStream values = new ByteArrayOutputStream();
  private final List<GgufTensor> tensors = new ArrayList<>();
  private final List<byte[]> data = new ArrayList<>();
  private int count;
  private long offset;

  /** Adds a whole number. */
  public GgufWriter number(String key, int value) {
    entry(key, U32);
    values.writeBytes(word(value));
    return this;
  }

  /** Adds a number. */
  public GgufWriter real(String key, float value) {
    entry(key, F32);
    values.writeBytes(word(Float.floatToRawIntBits(value)));
    return this;
  }

  /** Adds a yes or no. */
  public GgufWriter flag(String key, boolean value) {
    entry(key, BOOL);
    values.write(value ? 1 : 0);
    return this;
  }

  /** Adds a text. */
  public GgufWriter text(String key, String value) {
    entry(key, TEXT);
    text(values, value);
    return this;
  }

  /** Adds a list of texts. */
  public GgufWriter texts(String key, List<String> list) {
    entry(key, LIST);
    values.writeBytes(word(TEXT));
    values.writeBytes(doubleWord(list.size()));
    list.forEach(value -> text(values, value));
    return this;
  }

  /** Adds a list of whole numbers. */
  public GgufWriter numbers(String key, List<Integer> list) {
    entry(key, LIST);
    values.writeBytes(word(I32));
    values.writeBytes(doubleWord(list.size()));
    list.forEach(value -> values.writeBytes(word(value)));
    return this;
  }

  /**
   * Adds a tensor.
   *
   * @param shape numbers along each axis, innermost first
   * @param bytes of the numbers, little-endian; kept until the file is written
   */
  public GgufWriter tensor(String name, List<Long> shape, GgmlType type, byte[] bytes) {
    GgufTensor tensor = new GgufTensor(name, shape, type, offset);
    if (bytes.length != tensor.bytes()) {
      throw new IllegalArgumentException(
          "the tensor '%s' takes %d bytes, given are %d"
              .formatted(name, tensor.bytes(), bytes.length));
    }
    tensors.add(tensor);
    data.add(bytes);
    offset = aligned(offset + bytes.length);
    return this;
  }

  /** Writes the file, as a whole or not at all. */
  public void write(Path target) throws IOException {
    Path folder = target.toAbsolutePath().getParent();
    Path temporary = Files.createTempFile(folder, "varve", ".gguf");
    try {
      try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(temporary))) {
        byte[] head = head();
        out.write(head);
        pad(out, head.length);
        for (byte[] bytes : data) {
          out.write(bytes);
          pad(out, bytes.length);
        }
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
  }

  private byte[] head() {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    head.writeBytes(word(MAGIC));
    head.writeBytes(word(VERSION));
    head.writeBytes(doubleWord(tensors.size()));
    head.writeBytes(doubleWord(count));
    head.writeBytes(values.toByteArray());
    for (GgufTensor tensor : tensors) {
      text(head, tensor.name());
      head.writeBytes(word(tensor.shape().size()));
      tensor.shape().forEach(axis -> head.writeBytes(doubleWord(axis)));
      head.writeBytes(word(tensor.type().id()));
      head.writeBytes(doubleWord(tensor.offset()));
    }
    return head.toByteArray();
  }

  private void entry(String key, int type) {
    text(values, key);
    values.writeBytes(word(type));
    count++;
  }

  private static void pad(OutputStream out, long written) throws IOException {
    out.write(new byte[(int) (aligned(written) - written)]);
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, (long) ALIGNMENT) * ALIGNMENT;
  }

  private static void text(ByteArrayOutputStream target, String value) {
    byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
    target.writeBytes(doubleWord(bytes.length));
    target.writeBytes(bytes);
  }

  private static byte[] word(int value) {
    return buffer(Integer.BYTES).putInt(value).array();
  }

  private static byte[] doubleWord(long value) {
    return buffer(MOST_NUMBER_BYTES).putLong(value).array();
  }

  private static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}

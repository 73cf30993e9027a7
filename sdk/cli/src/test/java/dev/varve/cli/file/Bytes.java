package dev.varve.cli.file;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Little-endian bytes, put together by hand. */
public final class Bytes {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  public Bytes u8(int... values) {
    for (int value : values) {
      out.write(value);
    }
    return this;
  }

  public Bytes i16(int value) {
    return u8(value & 0xff, value >>> 8 & 0xff);
  }

  public Bytes i32(int... values) {
    for (int value : values) {
      out.writeBytes(ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array());
    }
    return this;
  }

  public Bytes i64(long value) {
    out.writeBytes(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array());
    return this;
  }

  public Bytes f32(float... values) {
    for (float value : values) {
      i32(Float.floatToRawIntBits(value));
    }
    return this;
  }

  public Bytes f16(float... values) {
    for (float value : values) {
      i16(Float.floatToFloat16(value));
    }
    return this;
  }

  public Bytes text(String text) {
    out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  public Bytes bytes(byte[] bytes) {
    out.writeBytes(bytes);
    return this;
  }

  public int size() {
    return out.size();
  }

  public byte[] array() {
    return out.toByteArray();
  }

  /** {@code from, from + 1, ...}. */
  public static float[] counting(int from, int count) {
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = from + i;
    }
    return values;
  }

  /** A safetensors file with this header. */
  public static byte[] safetensors(String header, byte[] data) {
    byte[] json = header.getBytes(StandardCharsets.UTF_8);
    return new Bytes().i64(json.length).bytes(json).bytes(data).array();
  }

  /** A numpy array of version 1. */
  public static byte[] npy(String dictionary, byte[] data) {
    String padded = dictionary + " ".repeat(Math.floorMod(-(11 + dictionary.length()), 64)) + "\n";
    return new Bytes()
        .u8(0x93)
        .text("NUMPY")
        .u8(1, 0)
        .i16(padded.length())
        .text(padded)
        .bytes(data)
        .array();
  }
}

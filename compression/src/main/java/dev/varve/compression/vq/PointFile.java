package dev.varve.compression.vq;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** Points that are part of a format: binary16, little-endian, one after the other. */
public final class PointFile {
  private PointFile() {}

  /**
   * The numbers of a file beside {@code owner}.
   *
   * @param crc CRC-32 of its bytes
   * @throws IllegalStateException if the file is not what it was
   */
  public static float[] load(Class<?> owner, String name, int crc) {
    byte[] bytes;
    try (InputStream in = owner.getResourceAsStream(name)) {
      bytes = in == null ? new byte[0] : in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException("the points " + name + " cannot be read", e);
    }
    CRC32 found = new CRC32();
    found.update(bytes);
    if ((int) found.getValue() != crc) {
      throw new IllegalStateException(
          "the points %s have %d bytes and CRC 0x%08x, must have CRC 0x%08x: the jar is damaged"
              .formatted(name, bytes.length, found.getValue(), crc));
    }
    ByteBuffer halves = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] numbers = new float[bytes.length / Short.BYTES];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = Float.float16ToFloat(halves.getShort());
    }
    return numbers;
  }
}

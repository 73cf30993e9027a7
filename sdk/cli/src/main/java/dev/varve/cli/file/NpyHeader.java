package dev.varve.cli.file;

import dev.varve.store.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The header of a numpy array: a magic, a version, and a Python dictionary with element type, order
 * and shape. numpy knows no bf16; two bytes of no other meaning are taken for it.
 *
 * @param bytes length of the header with all that precedes the elements
 * @param dtype element type, if keys and values may have it
 * @param shape dimensions
 */
record NpyHeader(int bytes, Optional<Dtype> dtype, List<Long> shape) {

  private static final int[] MAGIC = {0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int VERSION_OFFSET = 6;
  private static final int ALIGNMENT = 64;
  private static final int LONGEST = 1 << 16;
  private static final Pattern DESCR = Pattern.compile("'descr':\\s*'([^']*)'");
  private static final Pattern ORDER = Pattern.compile("'fortran_order':\\s*(True|False)");
  private static final Pattern SHAPE = Pattern.compile("'shape':\\s*\\(([0-9, ]*)\\)");

  static boolean recognises(ForeignFile file) {
    return file.startsWith(MAGIC);
  }

  /** Reads the header at {@code at} of an array that takes {@code length} bytes. */
  static NpyHeader read(ForeignFile file, Extent place, String name) {
    long at = place.offset();
    for (int i = 0; i < MAGIC.length; i++) {
      if (place.bytes() < MAGIC.length || file.u8(at + i, name) != MAGIC[i]) {
        throw file.refused(name + " is not a numpy array");
      }
    }
    int major = file.u8(at + VERSION_OFFSET, name);
    if (major < 1 || major > 3) {
      throw file.refused("%s is of version %d, readable are 1 to 3".formatted(name, major));
    }
    int front = major == 1 ? 10 : 12;
    long length = major == 1 ? file.u16(at + 8, name) : file.u32(at + 8, name);
    if (length > LONGEST || front + length > place.bytes()) {
      throw file.refused("%s has a header of %d bytes: it is damaged".formatted(name, length));
    }
    String text = file.text(at + front, (int) length, name);
    String descr = field(file, name, DESCR, text);
    if (field(file, name, ORDER, text).equals("True")) {
      throw file.refused(name + " is in Fortran order: save numpy.ascontiguousarray of it");
    }
    List<Long> shape = shape(file, name, field(file, name, SHAPE, text));
    NpyHeader header = new NpyHeader((int) (front + length), dtype(descr), shape);
    header.checkLength(file, name, descr, place.bytes() - header.bytes);
    return header;
  }

  private static String field(ForeignFile file, String name, Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw file.refused(
          "%s has no plain element type, order and shape: %s".formatted(name, text.strip()));
    }
    return matcher.group(1);
  }

  private static List<Long> shape(ForeignFile file, String name, String text) {
    List<Long> shape = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (part.isBlank()) {
        continue;
      }
      try {
        shape.add(Long.parseLong(part.strip()));
      } catch (NumberFormatException e) {
        throw file.refused("%s has the shape (%s)".formatted(name, text));
      }
    }
    return shape;
  }

  private void checkLength(ForeignFile file, String name, String descr, long rest) {
    if (descr.contains("O")) {
      throw file.refused(
          name + " holds Python objects, a pickle: it is not read, a pickle can run any program");
    }
    Matcher size = Pattern.compile("[<|][a-zA-Z](\\d{1,3})").matcher(descr);
    if (!size.matches()) {
      throw file.refused(
          "%s has elements '%s': little-endian ones are needed".formatted(name, descr));
    }
    long bytes = Long.parseLong(size.group(1));
    try {
      for (long dimension : shape) {
        bytes = Math.multiplyExact(bytes, dimension);
      }
    } catch (ArithmeticException e) {
      throw file.refused("%s has the shape %s, more than 2^63 bytes".formatted(name, shape));
    }
    if (bytes != rest) {
      throw file.refused(
          "%s of shape %s takes %d bytes, there are %d: it is truncated or damaged"
              .formatted(name, shape, bytes, rest));
    }
  }

  private static Optional<Dtype> dtype(String descr) {
    return switch (descr) {
      case "<f4" -> Optional.of(Dtype.F32);
      case "<f2" -> Optional.of(Dtype.F16);
      case "<u2", "<V2", "|V2" -> Optional.of(Dtype.BF16);
      default -> Optional.empty();
    };
  }

  /** The header of a new array, all that precedes the elements. */
  static byte[] write(Dtype dtype, List<Long> shape) {
    String descr =
        switch (dtype) {
          case F32 -> "<f4";
          case F16 -> "<f2";
          case BF16 -> "<u2";
        };
    String sizes = String.join(", ", shape.stream().map(Object::toString).toList());
    String text =
        String.format(
            Locale.ROOT,
            "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }",
            descr,
            shape.size() == 1 ? sizes + "," : sizes);
    int front = MAGIC.length + 4;
    int total = Math.ceilDiv(front + text.length() + 1, ALIGNMENT) * ALIGNMENT;
    byte[] header = new byte[total];
    Arrays.fill(header, (byte) ' ');
    for (int i = 0; i < MAGIC.length; i++) {
      header[i] = (byte) MAGIC[i];
    }
    ByteBuffer.wrap(header)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(VERSION_OFFSET, (byte) 1)
        .put(VERSION_OFFSET + 1, (byte) 0)
        .putShort(VERSION_OFFSET + 2, (short) (total - front))
        .put(front, text.getBytes(StandardCharsets.US_ASCII));
    header[total - 1] = '\n';
    return header;
  }
}

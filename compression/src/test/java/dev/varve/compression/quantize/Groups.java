package dev.varve.compression.quantize;

import dev.varve.compression.SectionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Which elements of a full section share a scale, written down once more. */
final class Groups {
  private Groups() {}

  /** The packed codes of a section without its scales and zeros. */
  static byte[] codes(UniformFormat format, SectionShape shape, MemorySegment section) {
    int values = shape.values(shape.blockTokens());
    int parts = format.axis() == Axis.VECTOR ? 1 : shape.heads();
    int parameters = values / format.groupSize(shape) * format.parameterBytes() / parts;
    int codes = values * format.bits() / Byte.SIZE / parts;
    byte[] found = new byte[codes * parts];
    for (int part = 0; part < parts; part++) {
      long from = (long) part * (parameters + codes) + parameters;
      MemorySegment.copy(section, ValueLayout.JAVA_BYTE, from, found, part * codes, codes);
    }
    return found;
  }

  static Stream<int[]> of(UniformFormat format, SectionShape shape) {
    int size = format.groupSize(shape);
    int dim = shape.dim();
    int tokens = shape.blockTokens();
    return switch (format.axis()) {
      case TOKEN ->
          IntStream.range(0, shape.values(tokens) / size)
              .mapToObj(g -> IntStream.range(g * size, (g + 1) * size).toArray());
      case CHANNEL ->
          IntStream.range(0, shape.heads() * tokens / size)
              .boxed()
              .flatMap(g ->
                  IntStream.range(0, dim)
                      .mapToObj(j ->
                          IntStream.range(0, size).map(i -> (g * size + i) * dim + j).toArray()));
      case VECTOR ->
          IntStream.range(0, tokens)
              .mapToObj(t ->
                  IntStream.range(0, shape.channels())
                      .map(c -> (c / dim * tokens + t) * dim + c % dim)
                      .toArray());
    };
  }
}

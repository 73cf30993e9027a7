package dev.varve.compression.importance;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DecodeResult.Cause;
import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.FloatCodec;
import dev.varve.compression.SectionFloats;
import dev.varve.compression.SectionShape;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A bit for each token, the first token in the lowest bit of the first byte, set for the important
 * ones; then the section of the important tokens; then that of the others.
 */
final class TwoClassCodec implements FloatCodec {
  private final TwoClassFormat format;
  private final SectionShape shape;
  private final FloatCodec important;
  private final FloatCodec others;
  private float[] gathered = {};

  TwoClassCodec(TwoClassFormat format, SectionShape shape, Backend backend) {
    this.format = format;
    this.shape = shape;
    this.important = TwoClassFormat.format(shape.section(), format.more()).codec(shape, backend);
    this.others = TwoClassFormat.format(shape.section(), format.less()).codec(shape, backend);
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  /** A second class brings parameters of its own, so the most is one token short of all. */
  @Override
  public long maxBytes(int tokens) {
    return tokens == 0 ? 0 : Math.max(bytes(tokens, tokens), bytes(tokens, tokens - 1));
  }

  private long bytes(int tokens, int count) {
    return mapBytes(tokens) + important.maxBytes(count) + others.maxBytes(tokens - count);
  }

  private static int mapBytes(int tokens) {
    return (tokens + Byte.SIZE - 1) / Byte.SIZE;
  }

  /** That of the lesser tokens. */
  @Override
  public ErrorBound bound() {
    return others.bound();
  }

  @Override
  public EncodeResult encode(SectionFloats floats, CodecContext context, MemorySegment target) {
    int tokens = floats.tokens();
    int first = floats.position() - context.position();
    byte[] map = new byte[mapBytes(tokens)];
    for (int token = 0; token < tokens; token++) {
      if (context.classes().important(first + token)) {
        map[token / Byte.SIZE] |= (byte) (1 << (token % Byte.SIZE));
      }
    }
    MemorySegment.copy(map, 0, target, ValueLayout.JAVA_BYTE, 0, map.length);
    long at = map.length;
    for (boolean wanted : new boolean[] {true, false}) {
      SectionFloats part = part(floats, count(map, tokens, wanted));
      move(floats, part, map, wanted, true);
      FloatCodec codec = wanted ? important : others;
      switch (codec.encode(part, context, target.asSlice(at))) {
        case EncodeResult.Refused refused -> {
          return refused;
        }
        case Encoded(long bytes) -> at += bytes;
      }
    }
    return new Encoded(at);
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionFloats floats) {
    int tokens = floats.tokens();
    byte[] map = new byte[mapBytes(tokens)];
    if (source.byteSize() < map.length) {
      return refused(source.byteSize(), map.length);
    }
    MemorySegment.copy(source, ValueLayout.JAVA_BYTE, 0, map, 0, map.length);
    int count = count(map, tokens, true);
    if (source.byteSize() != bytes(tokens, count)) {
      return refused(source.byteSize(), bytes(tokens, count));
    }
    long at = map.length;
    for (boolean wanted : new boolean[] {true, false}) {
      SectionFloats part = part(floats, wanted ? count : tokens - count);
      FloatCodec codec = wanted ? important : others;
      long bytes = codec.maxBytes(part.tokens());
      DecodeResult result = codec.decode(source.asSlice(at, bytes), part);
      if (!(result instanceof Decoded)) {
        return result;
      }
      move(floats, part, map, wanted, false);
      at += bytes;
    }
    return new Decoded(tokens);
  }

  private DecodeResult.Refused refused(long bytes, long expected) {
    return new DecodeResult.Refused(
        Cause.CORRUPT,
        "%s: %d bytes, its map of tokens says %d".formatted(format.name(), bytes, expected));
  }

  private SectionFloats part(SectionFloats floats, int tokens) {
    if (gathered.length == 0) {
      gathered = new float[shape.values(shape.blockTokens())];
    }
    return new SectionFloats(shape, tokens, floats.position(), gathered);
  }

  /** Copies the rows of one class between the whole and its part. */
  private void move(
      SectionFloats whole, SectionFloats part, byte[] map, boolean wanted, boolean gather) {
    for (int head = 0; head < shape.heads(); head++) {
      int next = 0;
      for (int token = 0; token < whole.tokens(); token++) {
        if (marked(map, token) == wanted) {
          int here = whole.at(head, token);
          int there = part.at(head, next++);
          if (gather) {
            System.arraycopy(whole.values(), here, part.values(), there, shape.dim());
          } else {
            System.arraycopy(part.values(), there, whole.values(), here, shape.dim());
          }
        }
      }
    }
  }

  private static int count(byte[] map, int tokens, boolean wanted) {
    int count = 0;
    for (int token = 0; token < tokens; token++) {
      count += marked(map, token) == wanted ? 1 : 0;
    }
    return count;
  }

  private static boolean marked(byte[] map, int token) {
    return (map[token / Byte.SIZE] >> (token % Byte.SIZE) & 1) != 0;
  }
}

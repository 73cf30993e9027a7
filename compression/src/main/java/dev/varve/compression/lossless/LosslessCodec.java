package dev.varve.compression.lossless;

import dev.varve.compression.CodecContext;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DecodeResult.Cause;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.ErrorBound;
import dev.varve.compression.SectionCodec;
import dev.varve.compression.SectionRows;
import dev.varve.compression.SectionShape;
import dev.varve.compression.entropy.SymbolReading;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.jspecify.annotations.Nullable;

/**
 * A {@link LosslessSection}, or, where that would not be smaller, four zero bytes and the elements
 * as they are; nothing for no tokens. Scratch memory is taken at the first use.
 */
final class LosslessCodec implements SectionCodec {
  /** Bytes in front of elements that are stored as they are. */
  static final int FRONT_BYTES = Integer.BYTES;

  private final SectionShape shape;
  private final Backend backend;
  private @Nullable LosslessSection section;
  private @Nullable MemorySegment scratch;

  LosslessCodec(SectionShape shape, Backend backend) {
    this.shape = shape;
    this.backend = backend;
  }

  @Override
  public int tokenGroup() {
    return 1;
  }

  @Override
  public long maxBytes(int tokens) {
    return tokens == 0 ? 0 : FRONT_BYTES + shape.rawBytes(tokens);
  }

  @Override
  public ErrorBound bound() {
    return new ErrorBound.Exact();
  }

  @Override
  public EncodeResult encode(SectionRows rows, CodecContext context, MemorySegment target) {
    int tokens = rows.tokens();
    if (tokens == 0) {
      return new EncodeResult.Encoded(0);
    }
    MemorySegment written = scratch();
    int bytes = section().encode(rows::bytes, tokens, written);
    if (bytes < maxBytes(tokens)) {
      target.asSlice(0, bytes).copyFrom(written.asSlice(0, bytes));
      return new EncodeResult.Encoded(bytes);
    }
    target.asSlice(0, FRONT_BYTES).fill((byte) 0);
    long headBytes = headBytes(tokens);
    for (int head = 0; head < shape.heads(); head++) {
      target.asSlice(FRONT_BYTES + head * headBytes, headBytes).copyFrom(rows.bytes(head));
    }
    return new EncodeResult.Encoded(maxBytes(tokens));
  }

  @Override
  public DecodeResult decode(MemorySegment source, SectionRows rows) {
    int tokens = rows.tokens();
    if (source.byteSize() > maxBytes(tokens) || (source.byteSize() == 0) != (tokens == 0)) {
      return refused(
          "%d bytes for %d tokens, which take %d at most"
              .formatted(source.byteSize(), tokens, maxBytes(tokens)));
    }
    if (tokens == 0) {
      return new DecodeResult.Decoded(0);
    }
    if (source.get(ValueLayout.JAVA_BYTE, 0) == 0) {
      return stored(source, rows);
    }
    return switch (section().decode(source, tokens, rows::bytes)) {
      case SymbolReading.Read() -> new DecodeResult.Decoded(tokens);
      case SymbolReading.Refused(SymbolReading.Fault fault, String reason) ->
          refused(fault + ", " + reason);
    };
  }

  private DecodeResult stored(MemorySegment source, SectionRows rows) {
    int tokens = rows.tokens();
    if (source.byteSize() != maxBytes(tokens)
        || source.get(ValueLayout.JAVA_INT_UNALIGNED, 0) != 0) {
      return refused(
          "%d stored tokens take four zero bytes and the elements, %d bytes: there are %d"
              .formatted(tokens, maxBytes(tokens), source.byteSize()));
    }
    long headBytes = headBytes(tokens);
    for (int head = 0; head < shape.heads(); head++) {
      rows.bytes(head).copyFrom(source.asSlice(FRONT_BYTES + head * headBytes, headBytes));
    }
    return new DecodeResult.Decoded(tokens);
  }

  private long headBytes(int tokens) {
    return shape.rawBytes(tokens) / shape.heads();
  }

  private LosslessSection section() {
    if (section == null) {
      ElementKind kind = ElementKind.of(shape.dtype());
      section = new LosslessSection(kind, shape.heads(), shape.dim(), shape.blockTokens(), backend);
    }
    return section;
  }

  private MemorySegment scratch() {
    if (scratch == null) {
      scratch = Arena.ofAuto().allocate(section().maxBytes(shape.blockTokens()));
    }
    return scratch;
  }

  private static DecodeResult refused(String reason) {
    return new DecodeResult.Refused(Cause.CORRUPT, "lossless: " + reason);
  }
}

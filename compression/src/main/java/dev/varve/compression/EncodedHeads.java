package dev.varve.compression;

import dev.varve.compression.DecodeResult.Cause;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.util.Objects;
import java.util.Optional;

/**
 * Reads encoded blocks one KV head at a time, as floats, for whoever attends to a block without
 * writing it out: a head's rows stay in the processor's cache. Decoded numbers are not rounded to
 * the block's element type, so they differ by that rounding from what {@link BlockCodec#decode}
 * writes. A payload is borrowed from {@link #show} until the next one. For one thread at a time.
 */
public final class EncodedHeads {
  private final FrameCheck check;
  private final Part keys;
  private final Part values;

  /** One section of the blocks, and of the payload that is shown. */
  private static final class Part {
    private final SectionShape shape;
    private final EncodedRows codec;
    private final DtypeKernel kernel;
    private MemorySegment coded = MemorySegment.NULL;
    private MemorySegment exact = MemorySegment.NULL;
    private ExactTokens exactTokens = ExactTokens.NONE;
    private int tokens;

    Part(SectionShape shape, EncodedRows codec, Backend backend) {
      this.shape = shape;
      this.codec = codec;
      this.kernel = DtypeKernel.of(backend, shape.dtype());
    }

    Optional<DecodeResult.Refused> show(FrameHeader header, MemorySegment payload) {
      Section section = shape.section();
      Optional<DecodeResult.Refused> refusal = FrameCheck.refusal(header, section, payload);
      if (refusal.isPresent()) {
        return refusal;
      }
      FrameHeader.Part part = header.part(section);
      int count = part.exact().coded(header.tokens());
      long codedBytes = count < 0 ? -1 : codec.maxBytes(count);
      long exactBytes = shape.rawBytes(header.tokens() - count);
      if (count < 0 || count % codec.tokenGroup() != 0 || codedBytes + exactBytes != part.bytes()) {
        return Optional.of(
            new DecodeResult.Refused(
                Cause.CORRUPT,
                "%s: %d bytes are no section of %d tokens with %d and %d exact"
                    .formatted(
                        section,
                        part.bytes(),
                        header.tokens(),
                        part.exact().first(),
                        part.exact().newest())));
      }
      tokens = header.tokens();
      exactTokens = part.exact();
      coded = payload.asSlice(header.offset(section), codedBytes);
      exact = payload.asSlice(header.offset(section) + codedBytes, exactBytes);
      return Optional.empty();
    }

    void read(int head, int from, int to, float[] target, int at) {
      int first = exactTokens.first();
      int coding = exactTokens.coded(tokens);
      int codedFrom = Math.clamp(first, from, to);
      int codedTo = Math.clamp(first + coding, from, to);
      int dim = shape.dim();
      readExact(head, from, codedFrom, target, at);
      if (codedFrom < codedTo) {
        int place = at + (codedFrom - from) * dim;
        codec.decodeRows(coded, coding, head, codedFrom - first, codedTo - first, target, place);
      }
      readExact(head, codedTo, to, target, at + (codedTo - from) * dim);
    }

    private void readExact(int head, int from, int to, float[] target, int at) {
      if (from < to) {
        int coding = exactTokens.coded(tokens);
        kernel.load(exact, exactOffset(head, from, coding), target, at, (to - from) * shape.dim());
      }
    }

    /** First the first tokens of every head, then the newest of every head. */
    private long exactOffset(int head, int token, int coding) {
      int first = exactTokens.first();
      boolean front = token < first;
      long rows =
          front
              ? (long) head * first + token
              : (long) shape.heads() * first
                  + (long) head * exactTokens.newest()
                  + (token - first - coding);
      return rows * shape.dim() * shape.dtype().bytes();
    }
  }

  private EncodedHeads(FrameCheck check, Part keys, Part values) {
    this.check = check;
    this.keys = keys;
    this.values = values;
  }

  /**
   * A reader of blocks of {@code geometry} in {@code encoding}; empty where rows cannot be decoded
   * by themselves, or values are a prefix of the keys.
   *
   * @throws IllegalArgumentException if the encoding is unknown or cannot write this geometry
   */
  public static Optional<EncodedHeads> open(
      Encoding encoding, BlockGeometry geometry, RopeSpec rope, Backend backend) {
    if (geometry.valueIsPrefixOfKey()) {
      return Optional.empty();
    }
    SectionShape keyShape = SectionShape.of(Section.KEYS, geometry, rope);
    SectionShape valueShape = SectionShape.of(Section.VALUES, geometry, rope);
    Optional<EncodedRows> keyRows =
        Codecs.format(encoding, encoding.keyFormat(), "keys").rows(keyShape, backend);
    Optional<EncodedRows> valueRows =
        Codecs.format(encoding, encoding.valueFormat(), "values").rows(valueShape, backend);
    if (keyRows.isEmpty() || valueRows.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new EncodedHeads(
            new FrameCheck(encoding, geometry),
            new Part(keyShape, keyRows.get(), backend),
            new Part(valueShape, valueRows.get(), backend)));
  }

  /** The blocks as they would be uncompressed. */
  public BlockGeometry geometry() {
    return check.geometry();
  }

  /**
   * Checks a payload, every byte of it, and turns to it; total. After a refusal nothing is shown.
   */
  public DecodeResult show(MemorySegment payload) {
    keys.tokens = 0;
    values.tokens = 0;
    return switch (check.read(payload)) {
      case FrameReading.Refused(DecodeResult.Refused why) -> why;
      case FrameReading.Sound(FrameHeader header) -> {
        Optional<DecodeResult.Refused> refusal =
            keys.show(header, payload).or(() -> values.show(header, payload));
        if (refusal.isPresent()) {
          keys.tokens = 0;
          yield refusal.get();
        }
        yield new DecodeResult.Decoded(header.tokens());
      }
    };
  }

  /** Tokens of the payload that is shown; 0 if none is. */
  public int tokens() {
    return keys.tokens;
  }

  /**
   * Decodes the rows {@code from} to {@code to - 1} of one head to {@code [to - from][dim]} floats.
   *
   * @param target receives them from {@code at} on
   * @throws IndexOutOfBoundsException if the payload has not that head or those tokens, or the
   *     target is too short
   */
  public void read(Section section, int head, int from, int to, float[] target, int at) {
    Part part = section == Section.KEYS ? keys : values;
    Objects.checkIndex(head, part.shape.heads());
    Objects.checkFromToIndex(from, to, part.tokens);
    Objects.checkFromIndexSize(at, (to - from) * part.shape.dim(), target.length);
    part.read(head, from, to, target, at);
  }
}

package dev.varve.cli.pack;

import dev.varve.cli.file.KvSource;
import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads one block of a source, writes it small and reads it back, in memory of its own. For one
 * thread at a time.
 */
final class BlockSlot {

  /** What is written where an encoding refuses a block. */
  static final Encoding EXACT = Encodings.parse("lossless");

  private static final int ALIGNMENT = BlockGeometry.ALIGNMENT;

  private final KvSource source;
  private final int blockTokens;
  private final Guard guard;
  private final Backend backend;
  private final CodecTables tables;
  private final DtypeKernel kernel;
  private final Arena arena;
  private final Map<CodecKey, BlockCodec> codecs = new HashMap<>();
  private MemorySegment block = MemorySegment.NULL;
  private MemorySegment decoded = MemorySegment.NULL;
  private MemorySegment target = MemorySegment.NULL;
  private float[] exactFloats = new float[0];
  private float[] decodedFloats = new float[0];

  private record CodecKey(LayerShape shape, LayerTables tables, Encoding encoding) {}

  /**
   * A slot for blocks of {@code source}.
   *
   * @param arena owns the slot's memory
   */
  BlockSlot(KvSource source, PackOptions options, Arena arena) {
    this.source = source;
    this.blockTokens = options.blockTokens();
    this.guard = options.guard();
    this.backend = options.backend();
    this.tables = options.tables();
    this.kernel = DtypeKernel.of(backend, source.description().shape().dtype());
    this.arena = arena;
  }

  /**
   * A block that was written.
   *
   * @param encoding what it is written in
   * @param payload its bytes, valid until the slot writes the next
   * @param refused whether the encoding that was asked for refused it
   */
  record Written(
      int layer,
      int chunk,
      int tokens,
      Encoding encoding,
      MemorySegment payload,
      boolean refused,
      SectionError keys,
      SectionError values) {}

  /** Tokens of {@code chunk}. */
  int tokensOf(int chunk) {
    return (int) Math.min(blockTokens, source.description().tokens() - (long) chunk * blockTokens);
  }

  /** Writes a block and compares what comes back. */
  Written write(int layer, int chunk, Encoding encoding) throws IOException {
    int tokens = tokensOf(chunk);
    BlockGeometry geometry = geometry(layer);
    reserve(geometry);
    Spans.block(source, layer, chunk * blockTokens, tokens, geometry, block);
    CodecContext context = context(chunk, tokens, encoding);
    long bytes = encode(layer, encoding, context);
    boolean refused = bytes < 0;
    Encoding used = refused ? EXACT : encoding;
    if (refused) {
      bytes = encode(layer, EXACT, context(chunk, tokens, EXACT));
      if (bytes < 0) {
        throw new IllegalStateException("an exact encoding refused layer " + layer);
      }
    }
    MemorySegment payload = target.asSlice(0, bytes);
    decoded.asSlice(0, geometry.bytes()).fill((byte) 0);
    DecodeResult back = codec(layer, used).decode(payload, decoded.asSlice(0, geometry.bytes()));
    if (back instanceof DecodeResult.Refused why) {
      throw new IllegalStateException(
          "a block of layer %d that was just written as %s cannot be read back: %s"
              .formatted(layer, Encodings.name(used), why.reason()));
    }
    return new Written(
        layer,
        chunk,
        tokens,
        used,
        payload,
        refused,
        compare(Section.KEYS, geometry, tokens),
        compare(Section.VALUES, geometry, tokens));
  }

  /** The rows that came back from the last write. */
  void loadDecoded(Section section, int layer, int tokens, float[] into, int stride, int at) {
    Spans.load(Spans.rows(section, geometry(layer), 0, tokens, decoded), kernel, into, stride, at);
  }

  /** The exact rows of the last write. */
  void loadExact(Section section, int layer, int tokens, float[] into, int stride, int at) {
    Spans.load(Spans.rows(section, geometry(layer), 0, tokens, block), kernel, into, stride, at);
  }

  /** A codec, if the encoding can write this layer. */
  BlockCodec codec(int layer, Encoding encoding) {
    LayerShape shape = source.description().shape().layers().get(layer);
    LayerTables needed = Codecs.tables(encoding).isEmpty() ? LayerTables.NONE : tables.of(layer);
    return codecs.computeIfAbsent(
        new CodecKey(shape, needed, encoding),
        _ -> Codecs.open(encoding, geometry(layer), shape.rope(), needed, backend));
  }

  private CodecContext context(int chunk, int tokens, Encoding encoding) {
    int from = chunk * blockTokens;
    return encoding.exact()
        ? CodecContext.of(tokens).at(from)
        : guard.context(from, tokens, source.description().tokens());
  }

  /** Bytes written, or -1 if the encoding refuses the block. */
  private long encode(int layer, Encoding encoding, CodecContext context) {
    BlockCodec codec = codec(layer, encoding);
    long most = codec.maxBytes(context.tokens());
    if (target.byteSize() < most) {
      target = arena.allocate(most, ALIGNMENT);
    }
    return switch (codec.encode(block, context, target)) {
      case EncodeResult.Encoded(long bytes) -> bytes;
      case EncodeResult.Refused _ -> -1;
    };
  }

  private SectionError compare(Section section, BlockGeometry geometry, int tokens) {
    int dim = section == Section.KEYS ? geometry.keyDim() : geometry.valueDim();
    int count = geometry.kvHeads() * tokens * dim;
    if (exactFloats.length < count) {
      exactFloats = new float[count];
      decodedFloats = new float[count];
    }
    Spans.load(Spans.rows(section, geometry, 0, tokens, block), kernel, exactFloats, tokens, 0);
    Spans.load(Spans.rows(section, geometry, 0, tokens, decoded), kernel, decodedFloats, tokens, 0);
    SectionError error = new SectionError();
    error.add(exactFloats, decodedFloats, count);
    return error;
  }

  private void reserve(BlockGeometry geometry) {
    if (block.byteSize() < geometry.bytes()) {
      block = arena.allocate(geometry.bytes(), ALIGNMENT);
      decoded = arena.allocate(geometry.bytes(), ALIGNMENT);
    }
  }

  private BlockGeometry geometry(int layer) {
    LayerShape shape = source.description().shape().layers().get(layer);
    return BlockGeometry.of(shape, source.description().shape().dtype(), blockTokens);
  }
}

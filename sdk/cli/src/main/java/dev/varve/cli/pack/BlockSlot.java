package dev.varve.cli.pack;

import dev.varve.cli.file.KvSource;
import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DependentCodec;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.compression.Section;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.container.BlockAddress;
import dev.varve.compression.container.DecodedBlocks;
import dev.varve.compression.container.KeptBlock;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockChecksum;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;

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
  private final List<Encoding> plan;
  private final Function<BlockAddress, Optional<KeptBlock>> kept;
  private final Arena arena;
  private final Map<CodecKey, BlockCodec> codecs = new HashMap<>();
  private final Map<CodecKey, DependentCodec> dependent = new HashMap<>();
  private final DecodedBlocks earlier = new DecodedBlocks();
  private MemorySegment block = MemorySegment.NULL;
  private MemorySegment decoded = MemorySegment.NULL;
  private MemorySegment target = MemorySegment.NULL;
  private float[] exactFloats = new float[0];
  private float[] decodedFloats = new float[0];

  private record CodecKey(
      LayerShape shape, LayerTables tables, Encoding encoding, OptionalInt before) {}

  /**
   * A slot for blocks of {@code source}.
   *
   * @param plan what each layer is written in, for layers that others are predicted from; may be
   *     empty where none are
   * @param kept finds blocks that need not be written again if they are of the same rows
   * @param arena owns the slot's memory
   */
  BlockSlot(
      KvSource source,
      PackOptions options,
      List<Encoding> plan,
      Function<BlockAddress, Optional<KeptBlock>> kept,
      Arena arena) {
    this.source = source;
    this.blockTokens = options.blockTokens();
    this.guard = options.guard();
    this.backend = options.backend();
    this.tables = options.tables();
    this.kernel = DtypeKernel.of(backend, source.description().shape().dtype());
    this.plan = List.copyOf(plan);
    this.kept = kept;
    this.arena = arena;
  }

  /** A slot that writes all blocks itself. */
  BlockSlot(KvSource source, PackOptions options, List<Encoding> plan, Arena arena) {
    this(source, options, plan, _ -> Optional.empty(), arena);
  }

  /**
   * A block that was written.
   *
   * @param encoding what it is written in
   * @param originalCrc CRC32C of the raw block
   * @param payload its bytes, valid until the slot writes the next
   * @param dependsOn the layer that it is predicted from
   * @param refused whether the encoding that was asked for refused it
   */
  record Written(
      int layer,
      int chunk,
      int tokens,
      Encoding encoding,
      int originalCrc,
      MemorySegment payload,
      OptionalInt dependsOn,
      boolean refused,
      SectionError keys,
      SectionError values) {

    /** The same with its bytes elsewhere. */
    Written holding(MemorySegment bytes) {
      return new Written(
          layer, chunk, tokens, encoding, originalCrc, bytes, dependsOn, refused, keys, values);
    }
  }

  /** Writes the blocks of all layers of {@code chunk} under the plan, in memory of their own. */
  List<Written> writeAll(int chunk) throws IOException {
    List<Written> all = new ArrayList<>();
    for (int layer = 0; layer < plan.size(); layer++) {
      Written written = write(layer, chunk, plan.get(layer));
      byte[] payload = written.payload().toArray(ValueLayout.JAVA_BYTE);
      all.add(written.holding(MemorySegment.ofArray(payload)));
    }
    return all;
  }

  /** Tokens of {@code chunk}. */
  int tokensOf(int chunk) {
    return (int) Math.min(blockTokens, source.description().tokens() - (long) chunk * blockTokens);
  }

  /** Writes a block, unless it is there, and compares what comes back. */
  Written write(int layer, int chunk, Encoding encoding) throws IOException {
    int tokens = tokensOf(chunk);
    BlockGeometry geometry = geometry(layer);
    OptionalInt dependsOn = dependsOn(layer, encoding);
    MemorySegment before =
        dependsOn.isPresent() ? decoded(dependsOn.getAsInt(), chunk) : MemorySegment.NULL;
    reserve(geometry);
    Spans.block(source, layer, chunk * blockTokens, tokens, geometry, block);
    int crc = BlockChecksum.crc32c(block.asSlice(0, geometry.bytes()));
    BlockCodec asked = codec(layer, encoding, dependsOn, before);
    Optional<KeptBlock> there = kept.apply(BlockAddress.of(layer, chunk));
    Coded coded =
        there.isPresent() ? again(there.get(), layer, crc, asked) : encode(layer, chunk, asked);
    boolean refused = !coded.codec.encoding().equals(encoding);
    keep(layer, chunk, geometry);
    return new Written(
        layer,
        chunk,
        tokens,
        coded.codec.encoding(),
        crc,
        coded.payload,
        refused ? OptionalInt.empty() : dependsOn,
        refused,
        compare(Section.KEYS, geometry, tokens),
        compare(Section.VALUES, geometry, tokens));
  }

  /** A payload that was decoded, and what reads it. */
  private record Coded(BlockCodec codec, MemorySegment payload) {}

  private Coded encode(int layer, int chunk, BlockCodec asked) {
    BlockCodec codec = asked;
    long bytes = encode(codec, context(chunk, asked.encoding()));
    if (bytes < 0) {
      codec = exact(layer);
      bytes = encode(codec, context(chunk, EXACT));
    }
    if (bytes < 0) {
      throw new IllegalStateException("an exact encoding refused layer " + layer);
    }
    MemorySegment payload = target.asSlice(0, bytes);
    if (readBack(layer, codec, payload) instanceof DecodeResult.Refused why) {
      throw new IllegalStateException(
          "a block of layer %d that was just written as %s cannot be read back: %s"
              .formatted(layer, Encodings.name(codec.encoding()), why.reason()));
    }
    return new Coded(codec, payload);
  }

  private Coded again(KeptBlock there, int layer, int crc, BlockCodec asked) {
    Encoding encoding = there.info().encoding();
    BlockCodec codec = encoding.equals(asked.encoding()) ? asked : exact(layer);
    if (there.originalCrc() != crc
        || !codec.encoding().equals(encoding)
        || readBack(layer, codec, there.payload()) instanceof DecodeResult.Refused) {
      throw new ChangedSource(there.info().address() + " is not of the rows that are there now");
    }
    return new Coded(codec, there.payload());
  }

  private BlockCodec exact(int layer) {
    return codec(layer, EXACT, OptionalInt.empty(), MemorySegment.NULL);
  }

  private DecodeResult readBack(int layer, BlockCodec codec, MemorySegment payload) {
    MemorySegment all = decoded.asSlice(0, geometry(layer).bytes());
    return codec.decode(payload, all.fill((byte) 0));
  }

  /** The rows that came back from the last write. */
  void loadDecoded(Section section, int layer, int tokens, float[] into, int stride, int at) {
    Spans.load(Spans.rows(section, geometry(layer), 0, tokens, decoded), kernel, into, stride, at);
  }

  /** The exact rows of the last write. */
  void loadExact(Section section, int layer, int tokens, float[] into, int stride, int at) {
    Spans.load(Spans.rows(section, geometry(layer), 0, tokens, block), kernel, into, stride, at);
  }

  /**
   * Does nothing if the encoding can write this layer.
   *
   * @throws IllegalArgumentException if it cannot: says why
   */
  void check(int layer, Encoding encoding) {
    MemorySegment zeros = Arena.ofAuto().allocate(geometry(layer).bytes(), ALIGNMENT);
    codec(layer, encoding, dependsOn(layer, encoding), zeros);
  }

  private BlockCodec codec(
      int layer, Encoding encoding, OptionalInt dependsOn, MemorySegment before) {
    LayerShape shape = source.description().shape().layers().get(layer);
    LayerTables needed = Codecs.tables(encoding).isEmpty() ? LayerTables.NONE : tables.of(layer);
    CodecKey key = new CodecKey(shape, needed, encoding, dependsOn);
    if (dependsOn.isEmpty()) {
      return codecs.computeIfAbsent(
          key, _ -> Codecs.open(encoding, geometry(layer), shape.rope(), needed, backend));
    }
    int other = dependsOn.getAsInt();
    RopeSpec otherRope = source.description().shape().layers().get(other).rope();
    EarlierLayer from = new EarlierLayer(geometry(other), otherRope);
    return dependent
        .computeIfAbsent(
            key,
            _ -> Codecs.openAfter(from, encoding, geometry(layer), shape.rope(), needed, backend))
        .after(before);
  }

  private OptionalInt dependsOn(int layer, Encoding encoding) {
    return Codecs.dependent(encoding)
        ? Dependences.before(source.description().shape(), layer)
        : OptionalInt.empty();
  }

  /** What comes back of a block that others are predicted from, written if it was not yet. */
  private MemorySegment decoded(int layer, int chunk) throws IOException {
    BlockAddress address = BlockAddress.of(layer, chunk);
    Optional<MemorySegment> known = earlier.find(address);
    if (known.isEmpty()) {
      write(layer, chunk, plan.get(layer));
      known = earlier.find(address);
    }
    return known.orElseThrow();
  }

  private void keep(int layer, int chunk, BlockGeometry geometry) {
    BlockAddress address = BlockAddress.of(layer, chunk);
    if (Dependences.follows(plan, source.description().shape(), layer)
        && earlier.find(address).isEmpty()) {
      MemorySegment room = earlier.room(geometry.bytes());
      earlier.keep(address, room.copyFrom(decoded.asSlice(0, geometry.bytes())));
    }
  }

  private CodecContext context(int chunk, Encoding encoding) {
    int tokens = tokensOf(chunk);
    int from = chunk * blockTokens;
    return encoding.exact()
        ? CodecContext.of(tokens).at(from)
        : guard.context(from, tokens, source.description().tokens());
  }

  /** Bytes written, or -1 if the encoding refuses the block. */
  private long encode(BlockCodec codec, CodecContext context) {
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

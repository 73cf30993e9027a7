package dev.varve.cli.bench;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.DependentCodec;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.predicted.EarlierLayer;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * One of our encodings, on blocks of binary16. A block that it refuses is written exactly, as tools
 * do; the first layer of an encoding that predicts is written in what stands in for it.
 */
final class EncodedKv implements KvCoding {
  private static final double WARM_UP_SECONDS = 1.5;
  private static final int RATES = 5;

  /** Of so many blocks of a layer one is written again, for some encodings are slow. */
  private static final int BLOCKS_PER_EXACT = 4;

  private static final Encoding EXACT = Encodings.parse("lossless");

  private final String name;
  private final Encoding encoding;
  private final LayerShape shape;
  private final BlockGeometry geometry;
  private final List<LayerTables> tables;
  private final Backend backend;
  private final DtypeKernel kernel;
  private final MemorySegment block;
  private final MemorySegment decoded;
  private final Map<LayerEncoding, BlockCodec> codecs = new HashMap<>();
  private final Map<LayerEncoding, DependentCodec> dependent = new HashMap<>();
  private final List<Stored> stored = new ArrayList<>();
  private final List<Exact> exact = new ArrayList<>();
  private final List<List<MemorySegment>> decodedBlocks = new ArrayList<>();
  private MemorySegment target = MemorySegment.NULL;
  private long bytes;

  private record LayerEncoding(int layer, Encoding encoding) {}

  /** A block that is written again to see how fast. */
  private record Exact(
      int layer, int chunk, Encoding encoding, CodecContext context, MemorySegment bytes) {}

  /** A block that was written. */
  private record Stored(int layer, int chunk, Encoding encoding, MemorySegment payload) {}

  /**
   * Blocks of layers of {@code shape}.
   *
   * @param tables calibrated ones of each layer; none for encodings that need none
   */
  EncodedKv(
      String name, LayerShape shape, int blockTokens, List<LayerTables> tables, Backend backend) {
    this.name = name;
    this.encoding = Encodings.parse(name);
    this.shape = shape;
    this.geometry = BlockGeometry.of(shape, Dtype.F16, blockTokens);
    this.tables = List.copyOf(tables);
    this.backend = backend;
    this.kernel = DtypeKernel.of(backend, Dtype.F16);
    this.block = room(geometry.bytes());
    this.decoded = room(geometry.bytes());
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void pass(int layer, float[] keys, float[] values) {
    while (decodedBlocks.size() <= layer) {
      decodedBlocks.add(new ArrayList<>());
    }
    int chunk = decodedBlocks.get(layer).size();
    kernel.store(keys, 0, keys.length, block, 0);
    kernel.store(values, 0, values.length, block, geometry.valuesOffset());
    Encoding wanted = layer == 0 ? Codecs.independent(encoding) : encoding;
    CodecContext context =
        CodecContext.of(geometry.tokens()).at(Math.multiplyExact(chunk, geometry.tokens()));
    if (!write(layer, chunk, wanted, context) && !write(layer, chunk, EXACT, context)) {
      throw new IllegalStateException(name + ": layer " + layer + " cannot even be kept exactly");
    }
    if (chunk % BLOCKS_PER_EXACT == 0) {
      exact.add(new Exact(layer, chunk, stored.getLast().encoding, context, copy(block)));
    }
    decode(stored.getLast());
    decodedBlocks.get(layer).add(Codecs.dependent(encoding) ? copy(decoded) : MemorySegment.NULL);
    kernel.load(decoded, 0, keys, 0, keys.length);
    kernel.load(decoded, geometry.valuesOffset(), values, 0, values.length);
  }

  /** Memory outside of the heap, as tiers have it. */
  private static MemorySegment room(long bytes) {
    return Arena.ofAuto().allocate(bytes, Long.BYTES);
  }

  private static MemorySegment copy(MemorySegment bytes) {
    return room(bytes.byteSize()).copyFrom(bytes);
  }

  private boolean write(int layer, int chunk, Encoding in, CodecContext context) {
    OptionalLong length = encode(new Exact(layer, chunk, in, context, block));
    if (length.isEmpty()) {
      return false;
    }
    MemorySegment payload = copy(target.asSlice(0, length.getAsLong()));
    stored.add(new Stored(layer, chunk, in, payload));
    bytes += length.getAsLong();
    return true;
  }

  /** Encodes into {@link #target}; the length, empty if the encoding refuses. */
  private OptionalLong encode(Exact from) {
    BlockCodec codec = codec(from.layer, from.chunk, from.encoding);
    long most = codec.maxBytes(from.context.tokens());
    if (target.byteSize() < most) {
      target = room(most);
    }
    return codec.encode(from.bytes, from.context, target)
            instanceof EncodeResult.Encoded(long length)
        ? OptionalLong.of(length)
        : OptionalLong.empty();
  }

  private BlockCodec codec(int layer, int chunk, Encoding in) {
    boolean calibrated = !Codecs.tables(in).isEmpty();
    LayerTables needed = calibrated ? tables.get(layer) : LayerTables.NONE;
    LayerEncoding key = new LayerEncoding(calibrated ? layer : 0, in);
    if (!Codecs.dependent(in)) {
      return codecs.computeIfAbsent(
          key, _ -> Codecs.open(in, geometry, shape.rope(), needed, backend));
    }
    EarlierLayer earlier = new EarlierLayer(geometry, shape.rope());
    return dependent
        .computeIfAbsent(
            key, _ -> Codecs.openAfter(earlier, in, geometry, shape.rope(), needed, backend))
        .after(decodedBlocks.get(layer - 1).get(chunk));
  }

  private void decode(Stored written) {
    BlockCodec codec = codec(written.layer, written.chunk, written.encoding);
    if (codec.decode(written.payload, decoded)
        instanceof DecodeResult.Refused(DecodeResult.Cause _, String reason)) {
      throw new IllegalStateException(name + ": " + reason);
    }
  }

  private double values() {
    return stored.size() * (double) geometry.bytes() / Short.BYTES;
  }

  @Override
  public double bitsPerValue() {
    return Byte.SIZE * (double) bytes / values();
  }

  @Override
  public double tableBitsPerValue() {
    long sum = 0;
    for (int layer = 0; layer < decodedBlocks.size(); layer++) {
      Encoding in = layer == 0 ? Codecs.independent(encoding) : encoding;
      if (!Codecs.tables(in).isEmpty()) {
        sum += tables.get(layer).only(Codecs.tables(in)).bytes().byteSize();
      }
    }
    return Byte.SIZE * (double) sum / values();
  }

  /** Bytes of binary16 a second of processor time that come out of decoding all blocks so far. */
  double decodeRate() {
    return rate(stored.size(), () -> stored.forEach(this::decode));
  }

  /** Bytes of binary16 a second of processor time that go into encoding every fourth block. */
  double encodeRate() {
    return rate(exact.size(), () -> exact.forEach(this::encode));
  }

  private double rate(int blocks, Runnable all) {
    ThreadClock.warmUp(WARM_UP_SECONDS, all);
    double[] rates = new double[RATES];
    for (int i = 0; i < RATES; i++) {
      rates[i] = ThreadClock.rate(blocks * geometry.bytes(), all);
    }
    return Comparison.median(rates);
  }
}

package dev.varve.cli.bench;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.Encodings;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** One of our encodings, on blocks of binary16. */
final class EncodedKv implements KvCoding {
  private static final double WARM_UP_SECONDS = 1.5;
  private static final int RATES = 5;

  private final String name;
  private final BlockGeometry geometry;
  private final BlockCodec codec;
  private final DtypeKernel kernel;
  private final MemorySegment block;
  private final MemorySegment decoded;
  private final MemorySegment target;
  private final List<MemorySegment> payloads = new ArrayList<>();
  private long bytes;

  EncodedKv(String name, LayerShape shape, int blockTokens, Backend backend) {
    this.name = name;
    this.geometry = BlockGeometry.of(shape, Dtype.F16, blockTokens);
    this.codec = Codecs.open(Encodings.parse(name), geometry, shape.rope(), backend);
    this.kernel = DtypeKernel.of(backend, Dtype.F16);
    this.block = MemorySegment.ofArray(new byte[Math.toIntExact(geometry.bytes())]);
    this.decoded = MemorySegment.ofArray(new byte[Math.toIntExact(geometry.bytes())]);
    this.target = MemorySegment.ofArray(new byte[(int) codec.maxBytes(blockTokens)]);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public void pass(int layer, float[] keys, float[] values) {
    kernel.store(keys, 0, keys.length, block, 0);
    kernel.store(values, 0, values.length, block, geometry.valuesOffset());
    switch (codec.encode(block, CodecContext.of(geometry.tokens()), target)) {
      case EncodeResult.Encoded(long length) -> {
        bytes += length;
        payloads.add(
            MemorySegment.ofArray(target.asSlice(0, length).toArray(ValueLayout.JAVA_BYTE)));
      }
      case EncodeResult.Refused(EncodeResult.Cause _, String reason) ->
          throw new IllegalStateException(name + ": " + reason);
    }
    decode(payloads.getLast());
    kernel.load(decoded, 0, keys, 0, keys.length);
    kernel.load(decoded, geometry.valuesOffset(), values, 0, values.length);
  }

  private void decode(MemorySegment payload) {
    if (codec.decode(payload, decoded)
        instanceof DecodeResult.Refused(DecodeResult.Cause _, String reason)) {
      throw new IllegalStateException(name + ": " + reason);
    }
  }

  @Override
  public double bitsPerValue() {
    return Byte.SIZE * (double) bytes * Short.BYTES / (payloads.size() * (double) geometry.bytes());
  }

  /** Bytes of binary16 a second of processor time that come out of decoding all blocks so far. */
  double decodeRate() {
    Runnable all = () -> payloads.forEach(this::decode);
    ThreadClock.warmUp(WARM_UP_SECONDS, all);
    double[] rates = new double[RATES];
    for (int i = 0; i < RATES; i++) {
      rates[i] = ThreadClock.rate(payloads.size() * geometry.bytes(), all);
    }
    return Comparison.median(rates);
  }
}

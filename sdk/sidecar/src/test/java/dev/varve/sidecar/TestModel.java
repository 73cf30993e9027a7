package dev.varve.sidecar;

import dev.varve.compression.Encodings;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.wire.WireBlocks;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** A small model named {@code m}, its cache, and blocks that are the same on every call. */
final class TestModel implements AutoCloseable {

  static final int LAYERS = 2;
  static final int SPAN = 32;
  static final ModelShape SHAPE =
      ModelShape.uniform(LAYERS, LayerShape.grouped(2, 2, 32, RopeSpec.none()), Dtype.BF16);
  static final ModelGeometry GEOMETRY = ModelGeometry.of(SHAPE, SPAN);

  private final KvCache cache;

  TestModel() {
    this(4 << 20);
  }

  TestModel(long hotBytes) {
    cache =
        KvCache.open(
            CacheConfig.of(SHAPE, "test model")
                .blockTokens(SPAN)
                .hot(hotBytes)
                .host(8 << 20)
                .build());
  }

  KvCache cache() {
    return cache;
  }

  Models models() {
    return new Models(
        List.of(
            ServedModel.of(
                "m", cache, List.of(Encodings.parse("lossless"), Encodings.parse("int8")))));
  }

  /** Token ids as the wire has them. */
  static byte[] tokens(int count) {
    ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putInt(1000 + i * 7);
    }
    return bytes.array();
  }

  /** The raw block of a place. */
  static MemorySegment block(int chunk, int layer) {
    Random random = new Random(31L * chunk + layer);
    MemorySegment block = Arena.ofAuto().allocate(GEOMETRY.block(layer).bytes(), 64);
    for (long at = 0; at < block.byteSize(); at += 2) {
      int bits = Float.floatToRawIntBits((float) random.nextGaussian());
      block.set(ValueLayout.JAVA_SHORT, at, (short) (bits >>> 16));
    }
    return block;
  }

  /** Frames of chunks {@code from} to {@code to}, all layers. */
  static byte[] frames(int from, int to, String level) {
    return frames(from, to, Encodings.parse(level));
  }

  private static byte[] frames(int from, int to, Encoding level) {
    WireBlocks blocks = new WireBlocks(GEOMETRY, Backend.SCALAR);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int chunk = from; chunk < to; chunk++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        MemorySegment frame = blocks.encode(layer, chunk * SPAN, level, block(chunk, layer));
        out.writeBytes(frame.toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return out.toByteArray();
  }

  /** One frame. */
  static byte[] frame(int chunk, int layer, String level) {
    return new WireBlocks(GEOMETRY, Backend.SCALAR)
        .encode(layer, chunk * SPAN, Encodings.parse(level), block(chunk, layer))
        .toArray(ValueLayout.JAVA_BYTE);
  }

  @Override
  public void close() {
    cache.close();
  }
}

package dev.varve.sidecar;

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
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/** A model of one layer with one head of two elements, small enough to write out its bytes. */
final class TinyModel implements AutoCloseable {

  private static final int SPAN = 32;
  private static final ModelShape SHAPE =
      ModelShape.uniform(1, LayerShape.grouped(1, 1, 2, RopeSpec.none()), Dtype.F32);

  private final KvCache cache =
      KvCache.open(CacheConfig.of(SHAPE, "tiny").blockTokens(SPAN).hot(1 << 20).build());

  Models models() {
    return new Models(List.of(ServedModel.of("m", cache, List.of(Encoding.RAW))));
  }

  /** A chunk with keys of zeros and values of ones. */
  static byte[] frame() {
    ModelGeometry geometry = ModelGeometry.of(SHAPE, SPAN);
    MemorySegment block = Arena.ofAuto().allocate(geometry.block(0).bytes(), 64);
    for (int token = 0; token < SPAN; token++) {
      long row = geometry.block(0).valueOffset(0, token);
      block.set(ValueLayout.JAVA_FLOAT, row, 1f);
      block.set(ValueLayout.JAVA_FLOAT, row + 4, 1f);
    }
    return new WireBlocks(geometry, Backend.SCALAR)
        .encode(0, 0, Encoding.RAW, block)
        .toArray(ValueLayout.JAVA_BYTE);
  }

  /** Words and then bytes, each with its line end. */
  static String lines(String words, String bytes) {
    return words.replace(" ", "\r\n") + "\r\n" + bytes + "\r\n";
  }

  @Override
  public void close() {
    cache.close();
  }
}

package dev.varve.sidecar;

import dev.varve.compression.Encodings;
import dev.varve.sdk.Acceptance;
import dev.varve.sdk.CacheConfig;
import dev.varve.sdk.KvCache;
import dev.varve.sdk.wire.FrameAssembler;
import dev.varve.sdk.wire.WireBlocks;
import dev.varve.sdk.wire.WireFrame;
import dev.varve.sidecar.model.Models;
import dev.varve.sidecar.model.ServedModel;
import dev.varve.sidecar.resp.Text;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * A model with grouped heads, named {@code m}, a context of it that a client puts, and attention
 * over it as its definition says, in f64 over the bytes that the server gives back.
 */
final class ContextModel implements AutoCloseable {

  static final int SPAN = 32;
  static final int CHUNKS = 6;
  static final int TOKENS = CHUNKS * SPAN;
  static final LayerShape LAYER = LayerShape.grouped(4, 2, 16, RopeSpec.none());
  static final int LAYERS = 3;

  private final ModelGeometry geometry;
  private final KvCache cache;

  /** How blocks are kept: {@code hot}, {@code f16}, {@code int8} or {@code ssd}. */
  ContextModel(String where, Path folder) {
    Dtype dtype = where.equals("f16") || where.equals("int8") ? Dtype.F16 : Dtype.F32;
    ModelShape shape = ModelShape.uniform(LAYERS, LAYER, dtype);
    geometry = ModelGeometry.of(shape, SPAN);
    CacheConfig.Builder config = CacheConfig.of(shape, "context model").blockTokens(SPAN);
    CacheConfig.Builder placed =
        switch (where) {
          case "int8" ->
              config
                  .hot(8 * 8192L)
                  .host(8 << 20)
                  .encodings("host=int8")
                  .accept(new Acceptance.Named(Set.of(Encodings.parse("int8"))));
          case "ssd" -> config.hot(12 * 12288L).ssd(folder, 8 << 20);
          default -> config.hot(4 << 20).host(8 << 20);
        };
    cache = KvCache.open(placed.build());
  }

  KvCache cache() {
    return cache;
  }

  Models models() {
    return models(1 << 20);
  }

  /** With so many bytes for indices. */
  Models models(long indexBytes) {
    return new Models(
        List.of(
            ServedModel.of(
                "m", cache, List.of(Encodings.parse("lossless")), Optional.empty(), indexBytes)));
  }

  /** Ids of the context, with some tokens behind its last whole chunk. */
  static byte[] ids() {
    ByteBuffer bytes = ByteBuffer.allocate((TOKENS + 5) * 4).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < TOKENS + 5; i++) {
      bytes.putInt(3 + i * 11);
    }
    return bytes.array();
  }

  /** Queries of so many tokens and layers. */
  static float[] queries(int layers, int tokens, long seed) {
    Random random = new Random(seed);
    float[] queries = new float[layers * tokens * LAYER.queryHeads() * LAYER.keyDim()];
    for (int i = 0; i < queries.length; i++) {
      queries[i] = (float) random.nextGaussian() * 1.5f;
    }
    return queries;
  }

  static byte[] f32(float... queries) {
    ByteBuffer bytes = ByteBuffer.allocate(queries.length * 4).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(queries);
    return bytes.array();
  }

  static byte[] f16(float... queries) {
    ByteBuffer bytes = ByteBuffer.allocate(queries.length * 2).order(ByteOrder.LITTLE_ENDIAN);
    for (float query : queries) {
      bytes.putShort(Float.floatToFloat16(query));
    }
    return bytes.array();
  }

  /** Puts all chunks. */
  String put(WireClient client) throws IOException {
    return ask(client, "KV.PUT", "m", "TOKENS", ids(), "FRAMES", frames());
  }

  private byte[] frames() {
    WireBlocks blocks = new WireBlocks(geometry, Backend.SCALAR);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      for (int layer = 0; layer < LAYERS; layer++) {
        MemorySegment frame = blocks.encode(layer, chunk * SPAN, Encoding.RAW, block(chunk, layer));
        out.writeBytes(frame.toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return out.toByteArray();
  }

  private MemorySegment block(int chunk, int layer) {
    Random random = new Random(31L * chunk + layer);
    BlockGeometry block = geometry.block(layer);
    MemorySegment memory = Arena.ofAuto().allocate(block.bytes(), BlockGeometry.ALIGNMENT);
    for (int head = 0; head < block.kvHeads(); head++) {
      for (int token = 0; token < SPAN; token++) {
        for (int i = 0; i < block.keyDim(); i++) {
          put(memory, block.dtype(), block.keyOffset(head, token), i, random.nextGaussian());
          put(memory, block.dtype(), block.valueOffset(head, token), i, random.nextGaussian());
        }
      }
    }
    return memory;
  }

  private static void put(MemorySegment to, Dtype dtype, long row, int i, double value) {
    if (dtype == Dtype.F32) {
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, row + 4L * i, (float) value);
    } else {
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, row + 2L * i, Float.floatToFloat16((float) value));
    }
  }

  private static double get(MemorySegment from, Dtype dtype, long row, int i) {
    return dtype == Dtype.F32
        ? from.get(ValueLayout.JAVA_FLOAT_UNALIGNED, row + 4L * i)
        : Float.float16ToFloat(from.get(ValueLayout.JAVA_SHORT_UNALIGNED, row + 2L * i));
  }

  /** The blocks of a layer as {@code KV.GET} gives them. */
  List<MemorySegment> stored(WireClient client, int layer) throws IOException {
    Object frames =
        ReplyTree.of(ask(client, "KV.GET", "m", "TOKENS", ids(), "LAYERS", "" + layer, "1"));
    List<MemorySegment> blocks = new ArrayList<>();
    WireBlocks wire = new WireBlocks(geometry, Backend.SCALAR);
    for (Object frame : (List<?>) frames) {
      FrameAssembler.Sink sink =
          (WireFrame header, MemorySegment payload) -> {
            MemorySegment block =
                Arena.ofAuto().allocate(geometry.block(layer).bytes(), BlockGeometry.ALIGNMENT);
            wire.decode(header, payload, block)
                .ifPresent(reason -> {
                  throw new IllegalStateException(reason);
                });
            blocks.add(block);
          };
      new FrameAssembler(1 << 20, sink)
          .accept(MemorySegment.ofArray(Text.bytes((String) frame)))
          .ifPresent(reason -> {
            throw new IllegalStateException(reason);
          });
    }
    return blocks;
  }

  /** The dot product of a query with a key. */
  double dot(List<MemorySegment> blocks, float[] queries, int query, int token) {
    BlockGeometry block = geometry.block(0);
    int kvHead = LAYER.kvHeadOf(query % LAYER.queryHeads());
    double dot = 0;
    for (int i = 0; i < LAYER.keyDim(); i++) {
      double key =
          get(blocks.get(token / SPAN), block.dtype(), block.keyOffset(kvHead, token % SPAN), i);
      dot += key * queries[query * LAYER.keyDim() + i];
    }
    return dot;
  }

  /**
   * What one query attends to: the output and, behind it, the log-sum-exp.
   *
   * @param query head of a token, in the order of the queries
   * @param positions that it sees
   */
  double[] attended(
      List<MemorySegment> blocks, float[] queries, int query, int[] positions, double scale) {
    BlockGeometry block = geometry.block(0);
    int kvHead = LAYER.kvHeadOf(query % LAYER.queryHeads());
    double[] out = new double[LAYER.valueDim() + 1];
    double sum = 0;
    for (int token : positions) {
      double weight = Math.exp(dot(blocks, queries, query, token) * scale);
      sum += weight;
      for (int i = 0; i < LAYER.valueDim(); i++) {
        out[i] +=
            weight
                * get(
                    blocks.get(token / SPAN),
                    block.dtype(),
                    block.valueOffset(kvHead, token % SPAN),
                    i);
      }
    }
    for (int i = 0; i < LAYER.valueDim(); i++) {
      out[i] /= sum;
    }
    out[LAYER.valueDim()] = Math.log(sum);
    return out;
  }

  static String ask(WireClient client, Object... arguments) throws IOException {
    client.request(
        Arrays.stream(arguments)
            .map(argument -> argument instanceof byte[] raw ? raw : Text.bytes((String) argument))
            .toArray(byte[][]::new));
    return client.reply();
  }

  @Override
  public void close() {
    cache.close();
  }
}

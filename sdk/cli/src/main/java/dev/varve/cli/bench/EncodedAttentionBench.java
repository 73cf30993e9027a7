package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.ExactAttention;
import dev.varve.cli.bench.Comparison.Question;
import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult;
import dev.varve.compression.EncodeResult;
import dev.varve.compression.EncodedHeads;
import dev.varve.compression.Encodings;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Attention of one token over encoded blocks, checked and decoded head by head inside of it, beside
 * the same blocks decoded to memory first and beside raw ones. Every payload comes from memory, and
 * a rate counts the bytes that the blocks would have raw.
 */
public final class EncodedAttentionBench {
  private static final LayerShape SHAPE = LayerShape.grouped(32, 8, 128, RopeSpec.none());
  private static final BlockGeometry GEOMETRY = BlockGeometry.of(SHAPE, Dtype.F16, 128);
  private static final int DISTINCT = 8;
  private static final int BLOCKS_A_PASS = 64;
  private static final long SEED = 11;
  private static final double SECOND = 1e9;

  private final Backend backend;
  private final long setBytes;
  private final int pairs;
  private final float[] query;
  private final float[] out;

  /**
   * @param setBytes memory to walk over
   * @param pairs pairs to measure
   */
  public EncodedAttentionBench(Backend backend, long setBytes, int pairs) {
    this.backend = backend;
    this.setBytes = setBytes;
    this.pairs = pairs;
    this.query = new Gaussian(SEED).floats(SHAPE.queryHeads() * SHAPE.keyDim());
    this.out = new float[query.length];
  }

  /** Measures blocks in the encoding of this name. */
  public List<Comparison> run(String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment raw = arena.allocate(DISTINCT * GEOMETRY.bytes(), BlockGeometry.ALIGNMENT);
      new Gaussian(SEED).fill(raw, Dtype.F16);
      Walk walk = new Walk(Encodings.parse(name), raw, arena);
      for (int pass = 0; pass < 2; pass++) {
        walk.inside(pass);
        walk.decodedFirst(pass);
        walk.raw(pass);
      }
      return List.of(
          Comparison.measure(
              new Question("KV in " + name, "decoded to memory first", OptionalDouble.empty()),
              pairs,
              walk::inside,
              walk::decodedFirst),
          Comparison.measure(
              new Question("KV in " + name, "raw f16", OptionalDouble.empty()),
              pairs,
              walk::inside,
              walk::raw));
    }
  }

  /** Payloads all over the memory, and raw blocks all over as much again. */
  private final class Walk {
    private final BlockCodec codec;
    private final EncodedHeads heads;
    private final ExactAttention attention = new ExactAttention(AttentionKernel.of(backend));
    private final List<MemorySegment> payloads;
    private final List<MemorySegment> blocks;
    private final MemorySegment landing;

    Walk(Encoding encoding, MemorySegment distinct, Arena arena) {
      codec = Codecs.open(encoding, GEOMETRY, RopeSpec.none(), backend);
      heads = EncodedHeads.open(encoding, GEOMETRY, RopeSpec.none(), backend).orElseThrow();
      landing = arena.allocate(GEOMETRY.bytes(), BlockGeometry.ALIGNMENT);
      List<MemorySegment> originals = distinct.elements(layout(GEOMETRY.bytes())).toList();
      blocks = spread(originals, arena);
      payloads = spread(originals.stream().map(block -> encode(block, arena)).toList(), arena);
    }

    private static MemoryLayout layout(long bytes) {
      return MemoryLayout.sequenceLayout(bytes, ValueLayout.JAVA_BYTE);
    }

    private MemorySegment encode(MemorySegment block, Arena arena) {
      MemorySegment target = arena.allocate(codec.maxBytes(128), BlockGeometry.ALIGNMENT);
      return switch (codec.encode(block, CodecContext.of(128), target)) {
        case EncodeResult.Encoded(long bytes) -> target.asSlice(0, bytes);
        case EncodeResult.Refused(var _, String reason) -> throw new IllegalStateException(reason);
      };
    }

    private List<MemorySegment> spread(List<MemorySegment> originals, Arena arena) {
      long each = originals.getFirst().byteSize();
      int count = Math.toIntExact(Math.max(BLOCKS_A_PASS, setBytes / 2 / each));
      MemorySegment all = arena.allocate(count * each, BlockGeometry.ALIGNMENT);
      List<MemorySegment> copies = all.elements(layout(each)).toList();
      for (int i = 0; i < count; i++) {
        copies.get(i).copyFrom(originals.get(i % originals.size()));
      }
      return copies;
    }

    double inside(int pass) {
      return timed(
          payloads,
          pass,
          (payload, first) -> {
            check(heads.show(payload));
            attention.addEncoded(heads, first);
          });
    }

    double decodedFirst(int pass) {
      return timed(
          payloads,
          pass + 1,
          (payload, first) -> {
            check(codec.decode(payload, landing));
            attention.addBlock(landing, GEOMETRY, first, GEOMETRY.tokens());
          });
    }

    double raw(int pass) {
      return timed(
          blocks,
          pass,
          (block, first) -> attention.addBlock(block, GEOMETRY, first, GEOMETRY.tokens()));
    }

    private static void check(DecodeResult result) {
      if (result instanceof DecodeResult.Refused(var _, String reason)) {
        throw new IllegalStateException(reason);
      }
    }

    private double timed(List<MemorySegment> from, int pass, Add add) {
      int tokens = GEOMETRY.tokens();
      long started = System.nanoTime();
      attention.start(SHAPE, query, 0, BLOCKS_A_PASS * tokens - 1, 1);
      for (int block = 0; block < BLOCKS_A_PASS; block++) {
        int at = (int) ((pass * (long) BLOCKS_A_PASS + block) % from.size());
        add.add(from.get(at), block * tokens);
      }
      attention.finish(out, 0);
      return BLOCKS_A_PASS * GEOMETRY.bytes() * SECOND / (System.nanoTime() - started);
    }
  }

  @FunctionalInterface
  private interface Add {
    void add(MemorySegment bytes, int firstPosition);
  }
}

package dev.varve.cli.bench;

import dev.varve.attention.AttentionKernel;
import dev.varve.attention.SharedPrefixAttention;
import dev.varve.cli.bench.Comparison.Question;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.OptionalDouble;

/**
 * Decode attention of a batch of sessions over a prefix that they share and a block that each has
 * alone, beside the same sessions one after the other, and beside a plain read of memory. A rate
 * counts the bytes that every session attends to: one after the other they come from memory once
 * for each.
 */
public final class SharedPrefixBench {
  private static final LayerShape SHAPE = LayerShape.grouped(32, 8, 128, RopeSpec.none());
  private static final BlockGeometry GEOMETRY = BlockGeometry.of(SHAPE, Dtype.F16, 128);
  private static final int PREFIX_BLOCKS = 8192 / GEOMETRY.tokens();
  private static final int MOST = 16;
  private static final int POSITION = (PREFIX_BLOCKS + 1) * GEOMETRY.tokens() - 1;
  private static final long SEED = 13;
  private static final double SECOND = 1e9;

  private final SharedPrefixAttention attention;
  private final long setBytes;
  private final int pairs;
  private final float[] queries;
  private final float[] out = new float[SHAPE.queryHeads() * SHAPE.valueDim()];
  private double sink;

  /**
   * @param setBytes memory to walk over, at least two prefixes
   * @param pairs pairs to measure
   */
  public SharedPrefixBench(Backend backend, long setBytes, int pairs) {
    this.attention = new SharedPrefixAttention(AttentionKernel.of(backend));
    this.setBytes = setBytes;
    this.pairs = pairs;
    this.queries = new Gaussian(SEED).floats(MOST * SHAPE.queryHeads() * SHAPE.keyDim());
  }

  /** Measures {@code sessions} sessions, at most 16. */
  public List<Comparison> run(int sessions) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Walk walk = new Walk(arena, sessions);
      for (int pass = 0; pass < 2; pass++) {
        walk.together(pass);
        walk.apart(pass);
        walk.read(pass);
      }
      String name = "%d sessions, 8K shared".formatted(sessions);
      return List.of(
          Comparison.measure(
              new Question(name, "one after the other", OptionalDouble.empty()),
              pairs,
              walk::together,
              walk::apart),
          Comparison.measure(
              new Question(name, "read of memory", OptionalDouble.empty()),
              pairs,
              walk::together,
              walk::read));
    }
  }

  /** Prefixes all over the memory, and blocks that one session has alone. */
  private final class Walk {
    private final MemorySegment memory;
    private final MemorySegment own;
    private final int sessions;
    private final int prefixes;

    Walk(Arena arena, int sessions) {
      long bytes = PREFIX_BLOCKS * GEOMETRY.bytes();
      this.sessions = sessions;
      this.prefixes = Math.toIntExact(Math.max(2, setBytes / bytes));
      this.memory = arena.allocate(prefixes * bytes, BlockGeometry.ALIGNMENT);
      this.own = arena.allocate(MOST * GEOMETRY.bytes(), BlockGeometry.ALIGNMENT);
      new Gaussian(SEED).fill(memory, Dtype.F16);
      new Gaussian(SEED + 1).fill(own, Dtype.F16);
    }

    private MemorySegment block(int prefix, int block) {
      long at = ((long) (prefix % prefixes) * PREFIX_BLOCKS + block) * GEOMETRY.bytes();
      return memory.asSlice(at, GEOMETRY.bytes());
    }

    double together(int pass) {
      long started = System.nanoTime();
      attend(pass, 0, sessions);
      return rate(started);
    }

    double apart(int pass) {
      long started = System.nanoTime();
      for (int session = 0; session < sessions; session++) {
        attend(pass + prefixes / 2, session, 1);
      }
      return rate(started);
    }

    private double rate(long started) {
      double bytes = (double) sessions * (PREFIX_BLOCKS + 1) * GEOMETRY.bytes();
      return bytes * SECOND / (System.nanoTime() - started);
    }

    private void attend(int prefix, int first, int members) {
      int width = SHAPE.queryHeads() * SHAPE.keyDim();
      int tokens = GEOMETRY.tokens();
      attention.start(SHAPE, members, members);
      for (int member = 0; member < members; member++) {
        attention.add(queries, (first + member) * width, POSITION, 1);
      }
      for (int block = 0; block < PREFIX_BLOCKS; block++) {
        attention.addBlock(block(prefix, block), GEOMETRY, block * tokens, tokens, 0, members);
      }
      for (int member = 0; member < members; member++) {
        MemorySegment mine = own.asSlice((first + member) * GEOMETRY.bytes(), GEOMETRY.bytes());
        attention.addBlock(mine, GEOMETRY, PREFIX_BLOCKS * tokens, tokens, member, member + 1);
        attention.finish(member, out, 0);
        sink += out[0];
      }
    }

    double read(int pass) {
      long bytes = PREFIX_BLOCKS * GEOMETRY.bytes();
      long from = (pass + prefixes / 2) % prefixes * bytes;
      long started = System.nanoTime();
      sink += VectorReadProbe.sum(memory, from, from + bytes);
      return bytes * SECOND / (System.nanoTime() - started);
    }
  }

  /** Depends on every result, so that none is left out. */
  public double sink() {
    return sink;
  }
}

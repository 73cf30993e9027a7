package dev.varve.store;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Blocks whose every byte follows from a number, so that any process can check them. */
public final class TestBlocks {

  /** Layers that the headers speak of. */
  public static final int LAYERS = 64;

  private static final int TOKENS = 32;

  private TestBlocks() {}

  /** The key of block {@code number}: layer {@code number % LAYERS} of its chunk. */
  public static BlockKey key(long number) {
    long chunk = number / LAYERS;
    return new ChunkKey(new Tenant(7, 8), new Fingerprint(digest(-1)), new ChainKey(digest(chunk)))
        .block((int) (number % LAYERS), Encoding.RAW);
  }

  /** Block {@code number} with a payload of {@code bytes} bytes. */
  public static EncodedBlock block(Arena arena, long number, int bytes) {
    return of(key(number), number, arena, bytes);
  }

  /** Another block's content under {@code key}. */
  public static EncodedBlock of(BlockKey key, long content, Arena arena, int bytes) {
    MemorySegment payload = arena.allocate(bytes, 64);
    fill(payload, content);
    int first = (int) (content / LAYERS) * TOKENS;
    ChunkSpan span = new ChunkSpan(new ChainKey(digest(content - LAYERS)), first, TOKENS, LAYERS);
    return EncodedBlock.seal(key, span, payload);
  }

  /** Blocks {@code from .. to-1}, all of one size. */
  public static List<EncodedBlock> blocks(Arena arena, long from, long to, int bytes) {
    List<EncodedBlock> blocks = new ArrayList<>();
    for (long number = from; number < to; number++) {
      blocks.add(block(arena, number, bytes));
    }
    return blocks;
  }

  /** Whether {@code payload} is exactly that of block {@code number}. */
  public static boolean matches(MemorySegment payload, long number) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment expected = arena.allocate(payload.byteSize());
      fill(expected, number);
      return expected.mismatch(payload) == -1;
    }
  }

  private static void fill(MemorySegment payload, long number) {
    SplittableRandom random = new SplittableRandom(number);
    for (long i = 0; i < payload.byteSize(); i++) {
      payload.set(ValueLayout.JAVA_BYTE, i, (byte) random.nextInt());
    }
  }

  private static Digest256 digest(long number) {
    SplittableRandom random = new SplittableRandom(number);
    return new Digest256(
        random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong());
  }
}

package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

class RowReferencesTest {
  private static final int HEADS = 2;

  @Test
  void everyReferenceNamesTheLatestEqualRow() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int trial = 0; trial < 50; trial++) {
      int rowBytes = 16 + random.nextInt(60);
      int tokens = 1 + random.nextInt(400);
      byte[][] rows = rows(tokens, rowBytes, 1 + random.nextInt(300), random);
      RowReferences references = new RowReferences(tokens, (long) HEADS * rowBytes);
      references.find(slices(rows), HEADS, tokens, rowBytes);
      int stored = 0;
      for (int token = 0; token < tokens; token++) {
        int expected = distance(rows, token, rowBytes);
        assertThat(references.distances()[token])
            .as("seed %d, token %d", seed, token)
            .isEqualTo((byte) expected);
        stored += expected == 0 ? 1 : 0;
      }
      assertThat(references.stored()).isEqualTo(stored);
    }
  }

  @Test
  void rowsComeBackFromWhatIsStored() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int rowBytes = 40;
    int tokens = 300;
    byte[][] rows = rows(tokens, rowBytes, 90, random);
    RowReferences references = new RowReferences(tokens, (long) HEADS * rowBytes);
    assertThat(references.find(slices(rows), HEADS, tokens, rowBytes)).isTrue();
    byte[] plane = new byte[HEADS * tokens * rowBytes];
    for (int head = 0; head < HEADS; head++) {
      System.arraycopy(rows[head], 0, plane, head * rows[head].length, rows[head].length);
    }
    references.compact(plane, HEADS, rowBytes);
    for (int head = 0; head < HEADS; head++) {
      byte[] back = new byte[tokens * rowBytes];
      int first = head * references.stored() * rowBytes;
      references.place((from, count, token) ->
          System.arraycopy(
              plane, first + from * rowBytes, back, token * rowBytes, count * rowBytes));
      references.resolve(MemorySegment.ofArray(back), rowBytes);
      assertThat(back).as("seed %d", seed).isEqualTo(rows[head]);
    }
  }

  @Test
  void aReferenceBeforeTheFirstTokenIsRefused() {
    RowReferences references = new RowReferences(4, 64);
    byte[] distances = references.distances();
    System.arraycopy(new byte[] {0, 1, 2, 3}, 0, distances, 0, 4);
    assertThat(references.accept(4)).isTrue();
    assertThat(references.stored()).isEqualTo(1);
    for (int token = 0; token < 4; token++) {
      byte sound = distances[token];
      distances[token] = (byte) (token + 1);
      assertThat(references.accept(4)).isFalse();
      distances[token] = (byte) -1;
      assertThat(references.accept(4)).isFalse();
      distances[token] = sound;
    }
  }

  @Test
  void shortRowsHaveNone() {
    RowReferences references = new RowReferences(8, 31);

    assertThat(references.fits(1)).isFalse();
    assertThat(references.find(_ -> MemorySegment.ofArray(new byte[8 * 31]), 1, 8, 31)).isFalse();
  }

  private static byte[][] rows(int tokens, int rowBytes, int different, SplittableRandom random) {
    byte[][] rows = new byte[HEADS][tokens * rowBytes];
    byte[][] kinds = new byte[different][HEADS * rowBytes];
    for (byte[] kind : kinds) {
      random.nextBytes(kind);
    }
    for (int token = 0; token < tokens; token++) {
      byte[] kind = kinds[random.nextInt(different)];
      for (int head = 0; head < HEADS; head++) {
        System.arraycopy(kind, head * rowBytes, rows[head], token * rowBytes, rowBytes);
      }
    }
    return rows;
  }

  private static IntFunction<MemorySegment> slices(byte[][] rows) {
    return head -> MemorySegment.ofArray(rows[head]);
  }

  private static int distance(byte[][] rows, int token, int rowBytes) {
    for (int distance = 1; distance <= Math.min(255, token); distance++) {
      boolean equal = true;
      for (byte[] head : rows) {
        int one = token * rowBytes;
        int other = (token - distance) * rowBytes;
        equal &= Arrays.equals(head, one, one + rowBytes, head, other, other + rowBytes);
      }
      if (equal) {
        return distance;
      }
    }
    return 0;
  }
}

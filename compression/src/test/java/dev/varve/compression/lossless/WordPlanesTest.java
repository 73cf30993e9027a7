package dev.varve.compression.lossless;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Vectors take words apart as the plain loop does, and both put them together again. */
class WordPlanesTest {
  private static final int AT = 3;
  private static final long FROM = 6;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void makesTheSamePlanesAndTheSameWords() {
    for (ElementKind kind : new ElementKind[] {ElementKind.BF16, ElementKind.F16}) {
      ElementPlanes scalar = ElementPlanes.of(kind, Backend.SCALAR);
      ElementPlanes vector = ElementPlanes.of(kind, Backend.VECTOR);
      for (int count : new int[] {0, 1, 15, 16, 31, 32, 33, 100, 4096, 4100}) {
        String as = "%s, %d words, seed %d".formatted(kind, count, seed);
        byte[] words = new byte[2 * count];
        random.nextBytes(words);
        try (Arena arena = Arena.ofConfined()) {
          MemorySegment source = arena.allocate(FROM + words.length);
          MemorySegment.copy(words, 0, source, ValueLayout.JAVA_BYTE, FROM, words.length);
          byte[][] expected = new byte[2][AT + count];
          byte[][] planes = new byte[2][AT + count];
          scalar.split(source, FROM, count, expected, AT);
          vector.split(source, FROM, count, planes, AT);
          assertThat(planes).as(as).isDeepEqualTo(expected);
          for (ElementPlanes each : new ElementPlanes[] {scalar, vector}) {
            MemorySegment target = arena.allocate(FROM + words.length);
            each.merge(planes, AT, count, target, FROM);
            assertThat(target.asSlice(FROM).toArray(ValueLayout.JAVA_BYTE))
                .as(as)
                .containsExactly(words);
          }
        }
      }
    }
  }
}

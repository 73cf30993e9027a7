package dev.varve.compression.calibrated;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.TestTables;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LayerTablesTest {
  private final long seed = System.nanoTime();
  private final LayerTables tables =
      TestTables.of(new BlockGeometry(32, 1, 8, 8, Dtype.F16, false));

  @Test
  void readsWhatItWrote() {
    LayerTables read = LayerTables.read(tables.bytes());
    assertThat(read.kinds()).containsExactlyElementsOf(tables.kinds());
    for (TableKind kind : tables.kinds()) {
      assertThat(read.find(kind))
          .hasValueSatisfying(
              found -> assertThat(found).containsExactly(tables.find(kind).orElseThrow()));
      assertThat(TableKind.named(kind.text())).contains(kind);
    }
    LayerTables one = tables.only(Set.of(TableKind.KEY_FACTORS));
    assertThat(one.bytes().byteSize()).isEqualTo(8 + 8 * 4);
    assertThat(LayerTables.read(one.bytes()).kinds()).containsExactly(TableKind.KEY_FACTORS);
    assertThat(LayerTables.read(LayerTables.NONE.bytes()).kinds()).isEmpty();
  }

  @Test
  void passesOverKindsItDoesNotKnow() {
    MemorySegment bytes = tables.bytes();
    MemorySegment more = MemorySegment.ofArray(new byte[(int) bytes.byteSize() + 12]);
    more.asSlice(0, bytes.byteSize()).copyFrom(bytes);
    more.set(ValueLayout.JAVA_SHORT_UNALIGNED, bytes.byteSize(), (short) 999);
    more.set(ValueLayout.JAVA_INT_UNALIGNED, bytes.byteSize() + 4, 1);
    assertThat(LayerTables.read(more).kinds()).isEqualTo(tables.kinds());
  }

  /** Truncated and flipped anywhere: tables, or a sentence. */
  @Test
  void answersWhateverTheBytesAre() {
    SplittableRandom random = new SplittableRandom(seed);
    byte[] sound = tables.bytes().toArray(ValueLayout.JAVA_BYTE);
    int refused = 0;
    for (int length = 0; length < sound.length; length++) {
      refused += refused(MemorySegment.ofArray(sound).asSlice(0, length)) ? 1 : 0;
      byte[] flipped = sound.clone();
      flipped[length] ^= (byte) (1 << random.nextInt(8));
      refused += refused(MemorySegment.ofArray(flipped)) ? 1 : 0;
    }
    assertThat(refused).as("seed %d", seed).isGreaterThan(sound.length / 2);
  }

  private static boolean refused(MemorySegment bytes) {
    try {
      LayerTables.read(bytes);
      return false;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("table");
      return true;
    }
  }

  @Test
  void refusesNumbersThatAreNone() {
    for (float wrong : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(
              () -> LayerTables.of(Map.of(TableKind.KEY_REACHES, new float[] {1, wrong})))
          .hasMessageContaining("number 1 of table key_reaches is " + wrong);
    }
  }
}

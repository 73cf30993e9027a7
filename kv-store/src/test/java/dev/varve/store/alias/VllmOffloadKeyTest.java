package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Digest256;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VllmOffloadKeyTest {

  private final Digest256 hash = VllmKeys.standard().hashes(counting(16)).getFirst();

  @Test
  void putsTheGroupAfterTheHashBigEndian() {
    byte[] bytes = new VllmOffloadKey(hash, 0x0102).toBytes();
    assertThat(HexFormat.of().formatHex(bytes)).isEqualTo(hash + "00000102");
    assertThat(VllmOffloadKey.read(bytes)).isEqualTo(new VllmOffloadKey(hash, 0x0102));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 12, 20, 32, 35, 37})
  void refusesAKeyOfAnotherLength(int length) {
    assertThatThrownBy(() -> VllmOffloadKey.read(new byte[length]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("36 bytes, not " + length);
  }

  @Test
  void refusesAGroupBeyondTheLimit() {
    byte[] bytes = new byte[VllmOffloadKey.BYTES];
    bytes[32] = (byte) 0x80;
    assertThatThrownBy(() -> VllmOffloadKey.read(bytes))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not be negative");
  }
}

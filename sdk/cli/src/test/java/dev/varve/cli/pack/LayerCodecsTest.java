package dev.varve.cli.pack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerCodecsTest {

  private static final Encoding INT8 = Encodings.parse("int8");
  private static final Encoding KIVI2 = Encodings.parse("kivi2");
  private static final Encoding FP8 = Encodings.parse("fp8");

  @Test
  void namesLayersFromBothEndsAndInRanges() {
    assertThat(LayerCodecs.parse("kivi2").encodings(2)).isEqualTo(List.of(KIVI2, KIVI2));
    assertThat(LayerCodecs.parse("kivi2; 0,1,-1 = int8").encodings(5))
        .isEqualTo(List.of(INT8, INT8, KIVI2, KIVI2, INT8));
    assertThat(LayerCodecs.parse("int8;1..-2=kivi2;2=fp8").encodings(5))
        .isEqualTo(List.of(INT8, KIVI2, FP8, KIVI2, INT8));
    assertThat(LayerCodecs.parse("int8;0=int8.token/int4.token32").encodings(1).getFirst())
        .isEqualTo(Encodings.parse("int8.token/int4.token32"));
  }

  @Test
  void refusesLayersThatAreNotThere() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerCodecs.parse("int8;3=fp8").encodings(3))
        .withMessageContaining("names layer 3, there are 3: -3 to 2");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LayerCodecs.parse("int8;2..1=fp8").encodings(3))
        .withMessageContaining("2..1");
    assertThatIllegalArgumentException().isThrownBy(() -> LayerCodecs.parse("int8;=fp8"));
    assertThatIllegalArgumentException().isThrownBy(() -> LayerCodecs.parse(""));
  }

  @Test
  void keepsTokensAtBothEndsWhateverBlockTheyFallInto() {
    Guard guard = new Guard(40, 50);
    assertThat(guard.context(0, 32, 200).keys().first()).isEqualTo(32);
    assertThat(guard.context(32, 32, 200).keys().first()).isEqualTo(8);
    assertThat(guard.context(64, 32, 200).keys().first()).isZero();
    assertThat(guard.context(128, 32, 200).keys().newest()).isEqualTo(10);
    assertThat(guard.context(160, 32, 200).keys().newest()).isEqualTo(32);
    assertThat(guard.context(0, 32, 32).keys().newest()).isZero();
  }
}

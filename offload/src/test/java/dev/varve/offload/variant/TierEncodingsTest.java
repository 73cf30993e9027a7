package dev.varve.offload.variant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.Encodings;
import dev.varve.store.Encoding;
import dev.varve.store.Tier;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TierEncodingsTest {

  @Test
  void readsItsTextForm() {
    TierEncodings read = TierEncodings.parse("  ssd=gear4\t host=int8.token/int4.token32 ");

    assertThat(read.of(Tier.HOST)).isEqualTo(Encodings.parse("int8.token/int4.token32"));
    assertThat(read.of(Tier.SSD)).isEqualTo(Encodings.parse("gear4"));
    assertThat(read.toString()).isEqualTo("host=int8.token/int4.token32 ssd=gear4");
    assertThat(TierEncodings.parse(read.toString())).isEqualTo(read);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "host=raw", "ssd=raw host=raw"})
  void isRawUnlessSaidOtherwise(String text) {
    assertThat(TierEncodings.parse(text)).isEqualTo(TierEncodings.RAW);
    assertThat(TierEncodings.RAW.of(Tier.HOST)).isEqualTo(Encoding.RAW);
    assertThat(TierEncodings.RAW.exact()).isTrue();
    assertThat(TierEncodings.RAW.toString()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "int8, \"names no encoding: write TIER=ENCODING, as host=int8\"",
        "hot=int8, no tier with an encoding is named 'hot': there are host and ssd",
        "HOST=int8, no tier with an encoding is named 'HOST'",
        "=int8, is named ''",
        "host=, no encoding is named '': there are raw",
        "host=int9, no encoding is named 'int9': there are raw",
        "host=int8=int4, no encoding is named",
        "host=int8.token/no, no format is named 'no': there are",
        "host = int8, names no encoding",
        "host=int8 host=int4, host stands there twice"
      })
  void refusesWhatTheGrammarDoesNotSay(String text, String sentence) {
    assertThatThrownBy(() -> TierEncodings.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(sentence);
  }

  @Test
  void keepsWhatIsAccepted() {
    TierEncodings all = TierEncodings.parse("host=int8 ssd=gear4");

    assertThat(all.exact()).isFalse();
    assertThat(all.accepting(_ -> false)).isEqualTo(TierEncodings.RAW);
    assertThat(all.accepting(Encodings.parse("int8")::equals))
        .isEqualTo(TierEncodings.parse("host=int8"));
  }

  @Test
  void hasNoEncodingForMemoryThatAttentionReads() {
    Map<Tier, Encoding> hot = Map.of(Tier.HOT, Encodings.parse("int8"));

    assertThatThrownBy(() -> new TierEncodings(hot)).hasMessageContaining("HOT has no encoding");
  }
}

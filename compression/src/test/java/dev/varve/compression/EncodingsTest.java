package dev.varve.compression;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import org.junit.jupiter.api.Test;

class EncodingsTest {
  @Test
  void readsTheNamesItWrites() {
    Encodings.known()
        .forEach((name, encoding) -> {
          assertThat(Encodings.parse(name)).isEqualTo(encoding);
          assertThat(Encodings.name(encoding)).isEqualTo(name);
        });
    for (SectionFormat format : SectionFormats.all()) {
      assertThat(SectionFormats.of(format.number())).contains(format);
      assertThat(SectionFormats.named(format.name())).contains(format);
      Encoding mixed = Encodings.parse("int8.token/" + format.name());
      assertThat(Encodings.parse(Encodings.name(mixed))).isEqualTo(mixed);
    }
  }

  /** Stored numbers: a change here makes stored blocks unreadable. */
  @Test
  void neverChangesANumber() {
    assertThat(Encodings.parse("raw").id()).isZero();
    assertThat(Encodings.parse("fp8").id()).isEqualTo(0x1010);
    assertThat(Encodings.parse("fp8.e5m2/raw").id()).isEqualTo(0x1100);
    assertThat(Encodings.parse("int8").id()).isEqualTo(0x2323);
    assertThat(Encodings.parse("int4").id()).isEqualTo(0x2424);
    assertThat(Encodings.parse("int2").id()).isEqualTo(0x2828);
    assertThat(Encodings.parse("kivi4").id()).isEqualTo(0x3424);
    assertThat(Encodings.parse("kivi2").id()).isEqualTo(0x3828);
    assertThat(Encodings.parse("int4.channel/int4.vector").id()).isEqualTo(0x372d);
    assertThat(Encodings.parse("gear4").id()).isEqualTo(0x6666);
    assertThat(Encodings.parse("gear2").id()).isEqualTo(0x6363);
    assertThat(Encodings.parse("gearl2.kcvt.rank8/gearl4.kivi.rank4").id()).isEqualTo(0x7b71);
    assertThat(Encodings.parse("int8.channel64.sym/int2.token128.sym").id()).isEqualTo(0x514a);
  }

  @Test
  void saysWhichEncodingsAreExact() {
    assertThat(Encoding.RAW.exact()).isTrue();
    assertThat(Encodings.parse("kivi2").exact()).isFalse();
    assertThat(Encodings.parse("raw/int8.token").exact()).isFalse();
    assertThat(Encoding.of(0x0f, 0).exact()).isTrue();
  }

  @Test
  void namesWhatThereIsWhenItDoesNotKnowAName() {
    assertThatThrownBy(() -> Encodings.parse("int3"))
        .hasMessageContaining("int3")
        .hasMessageContaining("kivi4");
    assertThatThrownBy(() -> Encodings.parse("int8.token/int3"))
        .hasMessageContaining("int3")
        .hasMessageContaining("int4.channel64");
    BlockGeometry geometry = new BlockGeometry(32, 1, 32, 32, Dtype.F16, false);
    assertThatThrownBy(
            () -> Codecs.open(Encoding.of(0xee, 0), geometry, RopeSpec.none(), Backend.SCALAR))
        .hasMessageContaining("0xee");
    assertThat(Encodings.name(Encoding.of(0xee, 0x20))).isEqualTo("encoding 0xee20");
  }

  @Test
  void offersTheNearestName() {
    for (String[] pair :
        new String[][] {
          {"INT8", "int8"},
          {"bitsream2", "bitstream2"},
          {"kivi", "kivi4"},
          {"nsn3", "nsn2"},
          {"int8.token/int4.tokn32", "int4.token32"},
        }) {
      assertThatThrownBy(() -> Encodings.parse(pair[0]))
          .hasMessageContaining("': there are ")
          .hasMessageEndingWith("; did you mean " + pair[1] + "?");
    }
    for (String far : new String[] {"", "x", "zstandard"}) {
      assertThatThrownBy(() -> Encodings.parse(far)).hasMessageEndingWith("with two formats");
    }
  }
}

package dev.varve.sidecar.lmcache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.sidecar.resp.Text;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LmCacheKeyTest {

  private static final String HASH = "0123456789abcdef".repeat(4);

  @Test
  void readsAChunkOfTheMultiProcessMode() {
    assertThat(parse("meta-llama/Llama-3.1-8B@02010201@0@" + HASH))
        .contains(chunk("meta-llama/Llama-3.1-8B", 0x02010201, 0, HASH, ""));
    assertThat(parse("m@02010201@1f@" + HASH + "@tenant a"))
        .contains(chunk("m", 0x02010201, 0x1f, HASH, "tenant a"));
    assertThat(parse("m@ffffffff@0@0123456789abcdef"))
        .contains(chunk("m", 0xffffffffL, 0, "0123456789abcdef", ""));
  }

  @Test
  void readsAChunkWithoutAGroup() {
    assertThat(parse("m@02010201@" + HASH)).contains(chunk("m", 0x02010201, 0, HASH, ""));
    assertThat(parse("m@02010201@" + HASH + "@salt"))
        .contains(chunk("m", 0x02010201, 0, HASH, "salt"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "org/model@2@1@0123abc@bfloat16",
        "model@1@0@-1f3@half",
        "model@1@0@1f3@fp8_e4m3fn@12",
        "model@1@0@1f3@fp8_e4m3fnuz@12@user%alice@run%7",
        "model@1@0@1f3@uint8@user%",
        "vllm@model@2@1@deadbeef",
      })
  void readsBothHalvesOfAPair(String name) {
    LmCacheKey metadata = parse(name + "metadata").orElseThrow();
    LmCacheKey bytes = parse(name + "kv_bytes").orElseThrow();
    assertThat(metadata).isInstanceOf(LmCacheKey.Metadata.class);
    assertThat(bytes).isInstanceOf(LmCacheKey.Bytes.class);
    assertThat(metadata.pair().map(Text::of)).contains(name);
    assertThat(bytes.pair().map(Text::of)).contains(name);
    assertThat(metadata.otherHalf().map(Text::of)).contains(name + "kv_bytes");
    assertThat(bytes.otherHalf().map(Text::of)).contains(name + "metadata");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "k",
        "user@example.org",
        "metadata",
        "a@b@c@dmetadata",
        "model@1@0@1f3@complexmetadata",
        "m@0201020@0@0123456789abcdef",
        "m@02010201@0@0123456789abcde",
        "m@02010201@0@0123456789abcdef@a/b",
        "m@02010201@0@0123456789abcdef@a@b",
        "@02010201@0@0123456789abcdef",
      })
  void leavesOtherKeysAlone(String key) {
    assertThat(parse(key)).isEmpty();
  }

  @Test
  void readsKeysOfAnyLengthInLittleTime() {
    assertThat(parse("m@".repeat(2000) + "metadata")).isEmpty();
    assertThat(parse("m@1@0@1f3@half" + "@a%b".repeat(900) + "kv_bytes")).isPresent();
    assertThat(parse("m@1@0@1f3@half" + "@a%b".repeat(9000) + "kv_bytes")).isEmpty();
  }

  private static Optional<LmCacheKey> parse(String key) {
    return LmCacheKey.parse(Text.bytes(key));
  }

  private static LmCacheKey chunk(String model, long rank, long group, String hash, String salt) {
    return new LmCacheKey.Chunk(new ChunkName(model, rank, group, hash, salt));
  }
}

package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.store.Digest256;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

class EngineKeysTest {

  @Nested
  class OfVllm implements EngineKeysContract {
    @Override
    public EngineKeys keys(int blockTokens) {
      return VllmKeys.seeded(VllmKeys.DEFAULT_SEED, blockTokens);
    }
  }

  @Nested
  class OfSglang implements EngineKeysContract {
    @Override
    public EngineKeys keys(int blockTokens) {
      return new SglangKeys(blockTokens);
    }
  }

  @Nested
  class OfLmcache implements EngineKeysContract {
    @Override
    public EngineKeys keys(int blockTokens) {
      return LmcacheKeys.standalone(blockTokens);
    }
  }

  @Test
  void tellsTheEnginesApartByNameAndHash() {
    List<EngineKeys> engines =
        List.of(VllmKeys.standard(), new SglangKeys(16), LmcacheKeys.standalone(16));
    assertThat(engines).extracting(EngineKeys::name).doesNotHaveDuplicates();
    Stream<Digest256> all = engines.stream().flatMap(keys -> keys.hashes(counting(64)).stream());
    assertThat(all).hasSize(12).doesNotHaveDuplicates();
  }
}

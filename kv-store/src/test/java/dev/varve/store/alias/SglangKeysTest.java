package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Digest256;
import org.junit.jupiter.api.Test;

class SglangKeysTest {

  @Test
  void givesTheKnownKeysOfTwoPages() {
    assertThat(new SglangKeys(64).hashes(counting(128)))
        .extracting(Digest256::toString)
        .containsExactly(
            "fea7b32778ecbdd7adee1941e98c89cf96bbc762f5f1beb0be24e36a456fbbc5",
            "1617a7384eff5e9135098c24794739af884859cdb17c1a61a834e8d6ac997351");
  }

  @Test
  void refusesAPageWithoutTokens() {
    assertThatThrownBy(() -> new SglangKeys(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tokens of a page must be at least 1: 0");
  }
}

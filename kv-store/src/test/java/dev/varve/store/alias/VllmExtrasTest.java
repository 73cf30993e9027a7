package dev.varve.store.alias;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.alias.VllmExtras.Media;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VllmExtrasTest {

  private static final ExtraKey.Digest ZERO = embeds('0');
  private static final ExtraKey.Digest ONE = embeds('1');

  @Test
  void ordersAdapterThenMediaThenSaltThenEmbeddings() {
    VllmExtras all =
        VllmExtras.NONE
            .withPromptEmbeds(List.of(ZERO.value(), ONE.value()))
            .withSalt("salt")
            .withMedia(List.of(new Media("image", 3, 5)))
            .withAdapter("adapter");
    assertThat(all.of(0, 16))
        .containsExactly(text("adapter"), media("image", 3), text("salt"), ZERO);
    assertThat(all.of(1, 16)).containsExactly(text("adapter"), ONE);
  }

  @Test
  void namesAnItemInEveryBlockThatItTouchesByItsOffsetFromThere() {
    VllmExtras extras =
        VllmExtras.NONE.withMedia(List.of(new Media("a", 15, 18), new Media("b", 33, 15)));
    assertThat(extras.of(0, 16)).containsExactly(media("a", 15));
    assertThat(extras.of(1, 16)).containsExactly(media("a", -1));
    assertThat(extras.of(2, 16)).containsExactly(media("a", -17), media("b", 1));
    assertThat(extras.of(3, 16)).isEmpty();
  }

  @Test
  void refusesABlockWithoutADigestOfItsEmbeddings() {
    VllmExtras extras = VllmExtras.NONE.withPromptEmbeds(List.of(ZERO.value()));
    assertThatThrownBy(() -> extras.of(1, 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("block 1 ")
        .hasMessageContaining("first 1 ");
  }

  @Test
  void refusesEmptyNames() {
    assertThatThrownBy(() -> VllmExtras.NONE.withSalt(""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the salt is empty: leave it out instead");
    assertThatThrownBy(
            () -> new VllmExtras(Optional.of(""), List.of(), Optional.empty(), List.of()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the adapter is empty: leave it out instead");
    assertThatThrownBy(() -> new Media("", 0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("media identifier");
  }

  @Test
  void refusesMediaThatOverlapOrRunBackwards() {
    List<Media> overlapping = List.of(new Media("a", 0, 5), new Media("b", 4, 5));
    assertThatThrownBy(() -> VllmExtras.NONE.withMedia(overlapping))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("must not overlap")
        .hasMessageContaining(overlapping.getLast().toString());
  }

  @Test
  void seesTheEndOfAnItemBeyondTheLargestPosition() {
    VllmExtras extras =
        VllmExtras.NONE.withMedia(List.of(new Media("a", Integer.MAX_VALUE, Integer.MAX_VALUE)));
    int last = Integer.MAX_VALUE / 16;
    assertThat(extras.of(last, 16)).containsExactly(media("a", 15));
    assertThat(extras.of(last - 1, 16)).isEmpty();
  }

  private static ExtraKey text(String value) {
    return new ExtraKey.Text(value);
  }

  private static ExtraKey media(String identifier, long offset) {
    return new ExtraKey.Group(List.of(text(identifier), new ExtraKey.Whole(offset)));
  }

  private static ExtraKey.Digest embeds(char digit) {
    return new ExtraKey.Digest(Sequences.digest(String.valueOf(digit).repeat(64)));
  }
}

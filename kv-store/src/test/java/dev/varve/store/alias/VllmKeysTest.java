package dev.varve.store.alias;

import static dev.varve.store.alias.Sequences.counting;
import static dev.varve.store.alias.Sequences.digest;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.store.Digest256;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class VllmKeysTest {

  private static final String NONE_DEFAULT =
      "9bd96a485ad84efdafb72ee48a1d7a69bcead0f8f0433173941b276b9581eef0";

  private final VllmKeys standard = VllmKeys.standard();
  private final VllmKeys seedZero = VllmKeys.seeded("0", 16);

  @ParameterizedTest
  @CsvSource({
    "vllm-none-hash, " + NONE_DEFAULT,
    "0, 4e1195df020de59e0d65a33a4279f1183e7ae4e5d980e309f8b55adff2e61c3e",
  })
  void derivesNoneHashFromTheSeed(String seed, String hex) {
    assertThat(VllmKeys.seeded(seed, 16).noneHash()).hasToString(hex);
  }

  @ParameterizedTest
  @CsvSource({
    "vllm-none-hash,"
        + "dc918a88b139e5afe60b88eda27508d4aee16c10fdc354791efea06206ac0749,"
        + "c300ec275d7bf08af8fc63e76cdc0086911bbc7091e03c5cf892553bef84ef0c",
    "0,"
        + "d830de3d42c00f25a2949b5d12d98642664a44872c1614c5b0147556276afc9c,"
        + "fedd9e4abebebbe6f6cf96b682f08d316063fe2f22a5c552192dd62904fcccac",
  })
  void givesTheKnownHashesOfTwoBlocks(String seed, String first, String second) {
    assertThat(VllmKeys.seeded(seed, 16).hashes(counting(32)))
        .extracting(Digest256::toString)
        .containsExactly(first, second);
  }

  @Test
  void hashesExactlyTheKnownBytes() {
    byte[] message = standard.message(null, counting(16), 0, List.of()).toBytes();
    assertThat(HexFormat.of().formatHex(message))
        .isEqualTo("835820" + NONE_DEFAULT + "90" + "000102030405060708090a0b0c0d0e0f" + "f6");
  }

  @Test
  void givesTheKnownHashWithASalt() {
    String known = "a31aa6d7bd52d1db44c2e2c50ce6687164f2a198c45e6f9c6f5025e7d8dff1f7";
    assertThat(seedZero.hashes(counting(16), VllmExtras.NONE.withSalt("tenant-a")))
        .containsExactly(digest(known));
    assertThat(seedZero.block(null, counting(16), 0, List.of(new ExtraKey.Text("tenant-a"))))
        .hasToString(known);
  }

  @Test
  void givesTheKnownIntegerForEvents() {
    Digest256 first = seedZero.hashes(counting(16)).getFirst();
    assertThat(Long.toUnsignedString(VllmKeys.eventHash(first))).isEqualTo("12687895063098490012");
  }

  @Test
  void isStandardWithTheDefaultSeedAndSixteenTokens() {
    assertThat(standard).isEqualTo(VllmKeys.seeded(VllmKeys.DEFAULT_SEED, 16));
    assertThat(standard).isEqualTo(new VllmKeys(digest(NONE_DEFAULT), 16));
  }

  @Test
  void hashesNoExtrasLikePlainTokens() {
    assertThat(standard.hashes(counting(50), VllmExtras.NONE))
        .hasSize(3)
        .isEqualTo(standard.hashes(counting(50)));
  }

  @Test
  void followsEveryExtraKeyItself() {
    List<List<ExtraKey>> extras =
        List.of(
            List.of(),
            List.of(new ExtraKey.Text("7")),
            List.of(new ExtraKey.Whole(7)),
            List.of(new ExtraKey.Whole(-7)),
            List.of(new ExtraKey.Digest(standard.noneHash())),
            List.of(new ExtraKey.Group(List.of(new ExtraKey.Text("7")))),
            List.of(new ExtraKey.Text("7"), new ExtraKey.Text("8")),
            List.of(new ExtraKey.Text("8"), new ExtraKey.Text("7")),
            List.of(new ExtraKey.Group(List.of(new ExtraKey.Text("7"), new ExtraKey.Text("8")))));
    assertThat(extras.stream().map(keys -> standard.block(null, counting(16), 0, keys)))
        .doesNotHaveDuplicates();
  }

  @Test
  void writesTheExtraKeysAfterTheTokens() {
    ExtraKey image = new ExtraKey.Group(List.of(new ExtraKey.Text("im"), new ExtraKey.Whole(-5)));
    byte[] message =
        new VllmKeys(standard.noneHash(), 1)
            .message(null, new int[] {300}, 0, List.of(new ExtraKey.Text("ad"), image))
            .toBytes();
    assertThat(HexFormat.of().formatHex(message))
        .isEqualTo("835820" + NONE_DEFAULT + "81" + "19012c" + "82" + "626164" + "8262696d24");
  }

  @Test
  void changesEveryHashAfterASaltOfTheFirstBlock() {
    List<Digest256> salted = standard.hashes(counting(48), VllmExtras.NONE.withSalt("s"));
    assertThat(salted).doesNotContainAnyElementsOf(standard.hashes(counting(48)));
    Digest256 second = standard.block(salted.getFirst(), counting(48), 16);
    assertThat(salted.get(1)).as("the salt itself is in the first block only").isEqualTo(second);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, -1, Integer.MIN_VALUE})
  void refusesABlockWithoutTokens(int tokens) {
    assertThatThrownBy(() -> VllmKeys.seeded("0", tokens))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("tokens of a block must be at least 1: " + tokens);
  }
}

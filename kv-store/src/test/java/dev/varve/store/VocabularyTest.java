package dev.varve.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class VocabularyTest {

  private static final RopeSpec ROPE = RopeSpec.of(64, 10_000, RopeSpec.Pairing.HALVES);
  private static final LayerShape LAYER = LayerShape.grouped(8, 2, 64, ROPE);
  private static final ModelShape MODEL = ModelShape.uniform(4, LAYER, Dtype.F16);

  @Test
  void chainsDependOnEveryTokenBeforeAndOnTenantAndModel() {
    Fingerprint model = Fingerprint.of("m", MODEL, 128);
    ChainKey root = ChainKey.root(Tenant.NONE, model);
    ChainKey ab = root.next(new int[] {1}, 0, 1).next(new int[] {2}, 0, 1);
    assertThat(root.next(new int[] {1}, 0, 1).next(new int[] {2}, 0, 1)).isEqualTo(ab);
    assertThat(root.next(new int[] {3}, 0, 1).next(new int[] {2}, 0, 1)).isNotEqualTo(ab);
    assertThat(root.next(new int[] {1, 2}, 0, 2)).isNotEqualTo(ab);
    Tenant tenant = Tenant.of(bytes("key"), bytes("salt"));
    assertThat(ChainKey.root(tenant, model)).isNotEqualTo(root);
    assertThat(ChainKey.root(Tenant.NONE, Fingerprint.of("n", MODEL, 128))).isNotEqualTo(root);
    assertThat(root.next(new int[] {1}, 0, 1, bytes("lora")))
        .isNotEqualTo(root.next(new int[] {1}, 0, 1));
  }

  @Test
  void fingerprintsDifferWithEverythingThatMustAgree() {
    Fingerprint base = Fingerprint.of("m", MODEL, 128);
    assertThat(Fingerprint.of("m", ModelShape.uniform(4, LAYER, Dtype.F16), 128)).isEqualTo(base);
    assertThat(
            List.of(
                Fingerprint.of("m2", MODEL, 128),
                Fingerprint.of("m", MODEL, 64),
                Fingerprint.of("m", ModelShape.uniform(4, LAYER, Dtype.BF16), 128),
                Fingerprint.of("m", ModelShape.uniform(5, LAYER, Dtype.F16), 128),
                Fingerprint.of("m", ModelShape.uniform(4, rope(64, 9_999), Dtype.F16), 128),
                Fingerprint.of("m", ModelShape.uniform(4, rope(32, 10_000), Dtype.F16), 128)))
        .doesNotHaveDuplicates()
        .doesNotContain(base);
  }

  @Test
  void tenantsHideTheirSaltAndDependOnTheKey() {
    Tenant tenant = Tenant.of(bytes("key"), bytes("salt"));
    assertThat(tenant).isNotEqualTo(Tenant.NONE).isEqualTo(Tenant.of(bytes("key"), bytes("salt")));
    assertThat(Tenant.of(bytes("other"), bytes("salt"))).isNotEqualTo(tenant);
    assertThatThrownBy(() -> Tenant.of(bytes("key"), new byte[0])).hasMessageContaining("empty");
  }

  @Test
  void encodingsArePairsOfFormats() {
    Encoding encoding = Encoding.of(0x34, 0x24);
    assertThat(encoding.id()).isEqualTo(0x3424);
    assertThat(Encoding.of(encoding.id())).isEqualTo(encoding);
    assertThat(encoding.keyFormat()).isEqualTo(0x34);
    assertThat(encoding.valueFormat()).isEqualTo(0x24);
    assertThat(encoding.exact()).isFalse();
    assertThat(Encoding.of(0).exact()).isTrue();
    assertThatThrownBy(() -> Encoding.of(0x10000)).hasMessageContaining("65536");
    assertThatThrownBy(() -> Encoding.of(256, 0)).hasMessageContaining("keys");
    assertThatThrownBy(() -> Encoding.of(0, -1)).hasMessageContaining("values");
  }

  @Test
  void keysOfAChunkAreNeighboursInTheIndex() {
    ChunkKey chunk = chunk("m", 1);
    byte[] layer0 = index(chunk.block(0, Encoding.RAW));
    byte[] layer9 = index(chunk.block(9, Encoding.RAW));
    byte[] layer300 = index(chunk.block(300, Encoding.RAW));
    assertThat(layer0).hasSize(52);
    assertThat(Arrays.compareUnsigned(layer0, layer9)).isNegative();
    assertThat(Arrays.compareUnsigned(layer9, layer300)).isNegative();
    assertThat(Arrays.copyOf(layer0, 48)).isEqualTo(Arrays.copyOf(layer300, 48));
    assertThat(Arrays.copyOf(index(chunk("m", 2).block(0, Encoding.RAW)), 32))
        .as("tenant and model")
        .isEqualTo(Arrays.copyOf(layer0, 32));
  }

  @Test
  void geometryCoversTheBlockWithoutOverlap() {
    BlockGeometry block = new BlockGeometry(32, 3, 5, 7, Dtype.BF16, false);
    assertThat(block.keyOffset(0, 0)).isZero();
    assertThat(block.keyOffset(1, 0) - block.keyOffset(0, 31)).isEqualTo(10);
    assertThat(block.keyOffset(2, 31) + 10).isEqualTo(block.keyBytes());
    assertThat(block.valuesOffset()).isEqualTo(960).isGreaterThanOrEqualTo(block.keyBytes());
    assertThat(block.valueOffset(2, 31) + 14).isEqualTo(block.valuesOffset() + block.valueBytes());
    assertThat(block.bytes()).isEqualTo(2304);
  }

  @Test
  void geometryStoresNoValuesThatAreAPrefixOfTheKeys() {
    BlockGeometry block = new BlockGeometry(32, 1, 576, 512, Dtype.F16, true);
    assertThat(block.bytes()).isEqualTo(32 * 576 * 2);
    assertThat(block.valueBytes()).isZero();
    assertThat(block.valueOffset(0, 7)).isEqualTo(block.keyOffset(0, 7));
  }

  @Test
  void anEightHeadBlockOfDim128IsHalfAMebibyte() {
    assertThat(new BlockGeometry(128, 8, 128, 128, Dtype.F16, false).bytes()).isEqualTo(512 << 10);
  }

  @Test
  void shapesThatCannotBeAreRefusedWithTheirValues() {
    assertThatThrownBy(() -> LayerShape.grouped(7, 2, 64, ROPE)).hasMessageContaining("7 over 2");
    assertThatThrownBy(() -> LayerShape.grouped(8, 2, 32, ROPE)).hasMessageContaining("64");
    assertThatThrownBy(() ->
            new RopeSpec(
                3,
                1,
                RopeSpec.Pairing.HALVES,
                RopeSpec.Stored.POST_ROPE,
                new RopeSpec.Scaling.None()))
        .hasMessageContaining("3");
    assertThatThrownBy(() -> RopeSpec.of(4, Double.NaN, RopeSpec.Pairing.HALVES))
        .hasMessageContaining("NaN");
    assertThatThrownBy(() -> scaled(Float.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> new BlockGeometry(100, 1, 8, 8, Dtype.F32, false))
        .hasMessageContaining("100");
    assertThatThrownBy(() -> ModelShape.uniform(0, LAYER, Dtype.F16)).hasMessageContaining("0");
  }

  @Test
  void sharedLayersNameAnEarlierLayerOfTheirShape() {
    LayerShape shared = sharing(0);
    ModelShape model = new ModelShape(List.of(LAYER, shared), Dtype.F32);
    assertThat(model.ownerOf(1)).isZero();
    assertThat(model.owns(1)).isFalse();
    assertThat(ModelGeometry.of(model, 128).owningLayers()).isEqualTo(1);
    assertThatThrownBy(() -> new ModelShape(List.of(LAYER, sharing(1)), Dtype.F32))
        .hasMessageContaining("layer 1");
  }

  @Test
  void aWindowShowsTheNewestTokensOnly() {
    LayerShape window =
        new LayerShape(1, 1, 8, 8, 1f, 0f, RopeSpec.none(), 4, false, OptionalInt.empty());
    assertThat(window.firstVisible(2)).isZero();
    assertThat(window.firstVisible(10)).isEqualTo(7);
    assertThat(LAYER.firstVisible(10)).isZero();
    assertThat(LAYER.kvHeadOf(3)).isZero();
    assertThat(LAYER.kvHeadOf(4)).isEqualTo(1);
  }

  private static LayerShape rope(int dims, double theta) {
    return LayerShape.grouped(8, 2, 64, RopeSpec.of(dims, theta, RopeSpec.Pairing.HALVES));
  }

  private static LayerShape sharing(int layer) {
    return new LayerShape(8, 2, 64, 64, 1f, 0f, ROPE, 0, false, OptionalInt.of(layer));
  }

  private static LayerShape scaled(float scale) {
    return new LayerShape(1, 1, 8, 8, scale, 0f, RopeSpec.none(), 0, false, OptionalInt.empty());
  }

  private static ChunkKey chunk(String model, int token) {
    Fingerprint fingerprint = Fingerprint.of(model, MODEL, 128);
    ChainKey chain = ChainKey.root(Tenant.NONE, fingerprint).next(new int[] {token}, 0, 1);
    return new ChunkKey(Tenant.NONE, fingerprint, chain);
  }

  private static byte[] index(BlockKey key) {
    byte[] bytes = new byte[BlockKey.INDEX_BYTES];
    key.writeIndexForm(MemorySegment.ofArray(bytes), 0);
    return bytes;
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}

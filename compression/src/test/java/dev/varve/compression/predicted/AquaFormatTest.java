package dev.varve.compression.predicted;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.varve.compression.BlockCodec;
import dev.varve.compression.CodecContext;
import dev.varve.compression.Codecs;
import dev.varve.compression.DecodeResult.Decoded;
import dev.varve.compression.EncodeResult.Encoded;
import dev.varve.compression.Encodings;
import dev.varve.compression.ExactTokens;
import dev.varve.compression.Section;
import dev.varve.compression.SyntheticKv;
import dev.varve.compression.calibrated.LayerTables;
import dev.varve.compression.calibrated.TableKind;
import dev.varve.store.BlockGeometry;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import dev.varve.store.kernel.DtypeKernel;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AquaFormatTest {
  private static final RopeSpec ROPE = RopeSpec.of(32, 10_000, RopeSpec.Pairing.HALVES);
  private static final int TOKENS = 64;
  private static final int CHANNELS = 64;

  private final long seed = System.nanoTime();
  private final SplittableRandom random = new SplittableRandom(seed);

  private static BlockGeometry geometry(Dtype dtype) {
    return new BlockGeometry(TOKENS, 2, 32, 32, dtype, false);
  }

  /** Expects keys to be those of the layer before, and values too. */
  private static LayerTables same() {
    float[] keys = new float[(CHANNELS + 1) * CHANNELS];
    float[] values = new float[(2 * CHANNELS + 1) * CHANNELS];
    for (int i = 0; i < CHANNELS; i++) {
      keys[i * CHANNELS + i] = 1;
      values[(CHANNELS + i) * CHANNELS + i] = 1;
    }
    return LayerTables.of(Map.of(TableKind.KEY_PREDICTOR, keys, TableKind.VALUE_PREDICTOR, values));
  }

  private static BlockCodec after(
      MemorySegment earlier, BlockGeometry geometry, RopeSpec rope, LayerTables tables) {
    return Codecs.openAfter(
            new EarlierLayer(geometry, rope),
            Encodings.parse("aquakv2"),
            geometry,
            rope,
            tables,
            Backend.SCALAR)
        .after(earlier);
  }

  private static MemorySegment encode(BlockCodec codec, MemorySegment block, CodecContext context) {
    MemorySegment target = Arena.ofAuto().allocate(codec.maxBytes(context.tokens()));
    Encoded encoded = (Encoded) codec.encode(block, context, target);
    return target.asSlice(0, encoded.bytes());
  }

  private static MemorySegment decode(
      BlockCodec codec, BlockGeometry geometry, MemorySegment payload) {
    MemorySegment decoded = Arena.ofAuto().allocate(geometry.bytes());
    assertThat(codec.decode(payload, decoded)).isInstanceOf(Decoded.class);
    return decoded;
  }

  private static double error(
      BlockGeometry geometry, Section section, MemorySegment one, MemorySegment other) {
    float[] before = SyntheticKv.floats(geometry, section, one);
    float[] after = SyntheticKv.floats(geometry, section, other);
    double error = 0;
    double all = 0;
    for (int i = 0; i < before.length; i++) {
      error += ((double) after[i] - before[i]) * ((double) after[i] - before[i]);
      all += (double) before[i] * before[i];
    }
    return error / all;
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void leavesNoDifferenceToALayerThatIsTheSame(Dtype dtype) {
    BlockGeometry geometry = geometry(dtype);
    MemorySegment block = SyntheticKv.block(geometry, random);
    BlockCodec codec = after(block, geometry, RopeSpec.none(), same());
    MemorySegment back =
        decode(codec, geometry, encode(codec, block, CodecContext.of(TOKENS).at(640)));
    assertThat(back.mismatch(block)).as("seed %d", seed).isEqualTo(-1);
  }

  /** RoPE turns both layers alike, so that what was the same before it is predicted. */
  @Test
  void predictsKeysBeforeTheirTurn() {
    BlockGeometry geometry = geometry(Dtype.F32);
    MemorySegment block = SyntheticKv.block(geometry, random);
    BlockCodec codec = after(block, geometry, ROPE, same());
    MemorySegment back =
        decode(codec, geometry, encode(codec, block, CodecContext.of(TOKENS).at(1 << 20)));
    assertThat(error(geometry, Section.KEYS, block, back)).as("seed %d", seed).isLessThan(1e-10);
    assertThat(error(geometry, Section.VALUES, block, back)).isZero();
  }

  @Test
  void errsLessWithAPredictionThanWithoutOne() {
    BlockGeometry geometry = geometry(Dtype.F16);
    MemorySegment earlier = SyntheticKv.block(geometry, random);
    MemorySegment block = SyntheticKv.block(geometry, random);
    MemorySegment mixed = mix(geometry, earlier, block);
    BlockCodec codec = after(earlier, geometry, ROPE, same());
    BlockCodec alone =
        Codecs.open(Encodings.parse("grid2"), geometry, ROPE, LayerTables.NONE, Backend.SCALAR);
    MemorySegment with = decode(codec, geometry, encode(codec, mixed, CodecContext.of(TOKENS)));
    MemorySegment without = decode(alone, geometry, encode(alone, mixed, CodecContext.of(TOKENS)));
    for (Section section : Section.values()) {
      assertThat(error(geometry, section, mixed, with))
          .as("%s, seed %d", section, seed)
          .isLessThan(0.5 * error(geometry, section, mixed, without));
    }
  }

  /** The first block and a fifth of the second. */
  private static MemorySegment mix(
      BlockGeometry geometry, MemorySegment first, MemorySegment second) {
    MemorySegment mixed = Arena.ofAuto().allocate(geometry.bytes());
    for (Section section : Section.values()) {
      float[] numbers = SyntheticKv.floats(geometry, section, first);
      float[] further = SyntheticKv.floats(geometry, section, second);
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] += further[i] / 5;
      }
      DtypeKernel.of(Backend.SCALAR, geometry.dtype())
          .store(
              numbers,
              0,
              numbers.length,
              mixed,
              section == Section.KEYS ? 0 : geometry.valuesOffset());
    }
    return mixed;
  }

  /** Values are predicted from the keys as a reader has them, exact ones included. */
  @Test
  void givesTheSameBitsToAReaderThatAsksForValuesAlone() {
    BlockGeometry geometry = geometry(Dtype.BF16);
    MemorySegment earlier = SyntheticKv.block(geometry, random);
    MemorySegment block = SyntheticKv.block(geometry, random);
    LayerTables tables = trained(geometry, earlier, block);
    MemorySegment payload =
        encode(
            after(earlier, geometry, ROPE, tables),
            block,
            CodecContext.of(50).at(128).keeping(new ExactTokens(4, 3), new ExactTokens(1, 7)));
    MemorySegment both = decode(after(earlier, geometry, ROPE, tables), geometry, payload);
    MemorySegment values = Arena.ofAuto().allocate(geometry.bytes());
    assertThat(after(earlier, geometry, ROPE, tables).decode(Section.VALUES, payload, values))
        .isEqualTo(new Decoded(50));
    long at = geometry.valuesOffset();
    assertThat(values.asSlice(at).mismatch(both.asSlice(at))).as("seed %d", seed).isEqualTo(-1);
  }

  private static LayerTables trained(
      BlockGeometry geometry, MemorySegment earlier, MemorySegment block) {
    PredictorTraining training = new PredictorTraining(geometry.tokens());
    LayerShape shape = LayerShape.grouped(4, 2, 32, ROPE);
    training.next(
        shape,
        SyntheticKv.floats(geometry, Section.KEYS, earlier),
        SyntheticKv.floats(geometry, Section.VALUES, earlier));
    return LayerTables.of(
        training.next(
            shape,
            SyntheticKv.floats(geometry, Section.KEYS, block),
            SyntheticKv.floats(geometry, Section.VALUES, block)));
  }

  @Test
  void predictsValuesAloneOrKeysAlone() {
    BlockGeometry geometry = geometry(Dtype.F16);
    MemorySegment block = SyntheticKv.block(geometry, random);
    for (String name : new String[] {"int8.token/aquakv2", "aquakv2/int8.token"}) {
      Encoding encoding = Encodings.parse(name);
      assertThat(Codecs.dependent(encoding)).isTrue();
      BlockCodec codec =
          Codecs.openAfter(
                  new EarlierLayer(geometry, ROPE),
                  encoding,
                  geometry,
                  ROPE,
                  same(),
                  Backend.VECTOR)
              .after(block);
      MemorySegment back = decode(codec, geometry, encode(codec, block, CodecContext.of(TOKENS)));
      for (Section section : Section.values()) {
        assertThat(error(geometry, section, block, back)).as(name).isLessThan(1e-3);
      }
    }
  }

  @Test
  void refusesToBeOpenedWithoutAnEarlierLayer() {
    BlockGeometry geometry = geometry(Dtype.F16);
    assertThatThrownBy(
            () -> Codecs.open(Encodings.parse("aquakv3"), geometry, ROPE, same(), Backend.SCALAR))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("aquakv3 predicts a layer from the decoded block of an earlier one");
    assertThat(Encodings.name(Codecs.independent(Encodings.parse("aquakv3")))).isEqualTo("grid4");
    assertThat(Encodings.name(Codecs.independent(Encodings.parse("int8")))).isEqualTo("int8");
  }

  @Test
  void refusesTablesAndLayersThatDoNotFit() {
    BlockGeometry geometry = geometry(Dtype.F16);
    MemorySegment block = SyntheticKv.block(geometry, random);
    assertThatThrownBy(() -> after(block, geometry, ROPE, LayerTables.NONE))
        .hasMessageContaining("aquakv2 needs the table key_predictor");
    BlockGeometry wider = new BlockGeometry(TOKENS, 3, 32, 32, Dtype.F16, false);
    assertThatThrownBy(() ->
            Codecs.openAfter(
                new EarlierLayer(wider, ROPE),
                Encodings.parse("aquakv2"),
                geometry,
                ROPE,
                same(),
                Backend.SCALAR))
        .hasMessageContaining("key_predictor has 4160 numbers, this layer needs 6208");
    BlockGeometry longer = new BlockGeometry(2 * TOKENS, 2, 32, 32, Dtype.F16, false);
    assertThatThrownBy(
            () -> new BlockInputs(new EarlierLayer(longer, ROPE), geometry, ROPE, Backend.SCALAR))
        .hasMessageContaining("64 tokens cannot be predicted from blocks of 128");
    assertThatThrownBy(() -> after(block.asSlice(64), geometry, ROPE, same()))
        .hasMessageContaining("its geometry");
  }

  @Test
  void keepsPredictorsInSixteenBits() {
    float[] numbers = new float[CHANNELS * (CHANNELS + 1)];
    numbers[0] = 1 + 0x1p-20f;
    LayerTables tables = LayerTables.of(Map.of(TableKind.KEY_PREDICTOR, numbers));
    assertThat(tables.find(TableKind.KEY_PREDICTOR).orElseThrow()[0]).isEqualTo(1f);
    assertThat(tables.bytes().byteSize()).isEqualTo(8 + 2L * numbers.length);
    assertThat(LayerTables.read(tables.bytes()).find(TableKind.KEY_PREDICTOR).orElseThrow())
        .isEqualTo(tables.find(TableKind.KEY_PREDICTOR).orElseThrow());
    assertThatThrownBy(() -> LayerTables.of(Map.of(TableKind.KEY_PREDICTOR, new float[3])))
        .hasMessageContaining("key_predictor must have an even number of numbers: 3");
    numbers[1] = 1e6f;
    assertThatThrownBy(() -> LayerTables.of(Map.of(TableKind.KEY_PREDICTOR, numbers)))
        .hasMessageContaining("must be finite");
  }
}

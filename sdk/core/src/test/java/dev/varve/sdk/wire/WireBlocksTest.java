package dev.varve.sdk.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.varve.compression.Encodings;
import dev.varve.store.Dtype;
import dev.varve.store.Encoding;
import dev.varve.store.LayerShape;
import dev.varve.store.ModelGeometry;
import dev.varve.store.ModelShape;
import dev.varve.store.RopeSpec;
import dev.varve.store.kernel.Backend;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireBlocksTest {

  private static final ModelGeometry MODEL =
      ModelGeometry.of(
          ModelShape.uniform(2, LayerShape.grouped(2, 2, 32, RopeSpec.none()), Dtype.F32), 32);
  private static final int SPAN = 32;

  private final Arena arena = Arena.ofAuto();
  private final WireBlocks blocks = new WireBlocks(MODEL, Backend.SCALAR);

  @Test
  void aFrameBeginsWithTheseBytes() {
    MemorySegment ids = MemorySegment.ofArray(new byte[] {1, 0, 0, 0, 2, 0, 0, 0});
    byte[] text = WireBlocks.text(64, 2, ids).toArray(ValueLayout.JAVA_BYTE);
    assertThat(HexFormat.of().formatHex(text))
        .isEqualTo(
            "56525657"
                + "01"
                + "02"
                + "0000"
                + "00000000"
                + "40000000"
                + "02000000"
                + "08000000"
                + "2cec737a"
                + "ff853bb3"
                + "0100000002000000");
  }

  @ParameterizedTest
  @ValueSource(strings = {"raw", "lossless"})
  void exactEncodingsGiveEveryBitBack(String name) {
    MemorySegment block = block(11);
    MemorySegment back = arena.allocate(block.byteSize(), 64);
    MemorySegment frame = blocks.encode(1, SPAN, Encodings.parse(name), block);
    WireFrame header = header(frame);
    assertThat(header.layer()).isEqualTo(1);
    assertThat(header.firstToken()).isEqualTo(SPAN);
    assertThat(blocks.decode(header, payload(frame), back)).isEmpty();
    assertThat(back.mismatch(block)).isEqualTo(-1);
  }

  @Test
  void approximationsAreSmallerAndClose() {
    MemorySegment block = block(12);
    MemorySegment back = arena.allocate(block.byteSize(), 64);
    MemorySegment frame = blocks.encode(0, 0, Encodings.parse("int8"), block);
    assertThat(frame.byteSize()).isLessThan(block.byteSize() / 2);
    assertThat(blocks.decode(header(frame), payload(frame), back)).isEmpty();
    for (long at = 0; at < block.byteSize(); at += Float.BYTES) {
      float expected = block.get(ValueLayout.JAVA_FLOAT, at);
      assertThat(back.get(ValueLayout.JAVA_FLOAT, at)).isBetween(expected - 0.1f, expected + 0.1f);
    }
  }

  @Test
  void whatAnEncodingRefusesIsSentRaw() {
    MemorySegment block = block(13);
    block.setAtIndex(ValueLayout.JAVA_FLOAT, SPAN * 32 - 1L, Float.NaN);
    MemorySegment frame = blocks.encode(0, 0, Encodings.parse("int8"), block);
    assertThat(header(frame).encoding()).isEqualTo(Encoding.RAW);
    assertThat(payload(frame).mismatch(block)).isEqualTo(-1);
  }

  @Test
  void everyFlippedBitIsRefused() {
    MemorySegment frame = blocks.encode(0, 0, Encodings.parse("int8"), block(14));
    byte[] sound = frame.toArray(ValueLayout.JAVA_BYTE);
    MemorySegment back = arena.allocate(MODEL.block(0).bytes(), 64);
    long seed = 15;
    Random random = new Random(seed);
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = sound.clone();
      int bit = random.nextInt(sound.length * 8);
      damaged[bit / 8] ^= (byte) (1 << bit % 8);
      assertThat(refused(damaged, back)).as("bit %d, seed %d", bit, seed).isTrue();
    }
    for (int length = 0; length < 100; length++) {
      assertThat(refused(Arrays.copyOf(sound, length), back)).isTrue();
    }
  }

  private boolean refused(byte[] bytes, MemorySegment back) {
    MemorySegment frame = MemorySegment.ofArray(bytes);
    return switch (WireFrameDescriptor.read(frame)) {
      case WireFrameReading.Refused _ -> true;
      case WireFrameReading.Sound(WireFrame header) ->
          blocks.decode(header, payload(frame), back).isPresent();
    };
  }

  private static WireFrame header(MemorySegment frame) {
    return ((WireFrameReading.Sound) WireFrameDescriptor.read(frame)).frame();
  }

  private static MemorySegment payload(MemorySegment frame) {
    return frame.asSlice(WireFrameDescriptor.HEADER_BYTES);
  }

  private MemorySegment block(long seed) {
    Random random = new Random(seed);
    MemorySegment block = arena.allocate(MODEL.block(0).bytes(), 64);
    for (long at = 0; at < block.byteSize(); at += Float.BYTES) {
      block.set(ValueLayout.JAVA_FLOAT, at, (float) random.nextGaussian());
    }
    return block;
  }
}

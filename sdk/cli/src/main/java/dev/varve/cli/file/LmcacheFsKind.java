package dev.varve.cli.file;

import dev.varve.cli.CommandFailure;
import dev.varve.cli.ExitCode;
import dev.varve.store.Dtype;
import dev.varve.store.LayerShape;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A file of LMCache's {@code fs} connector: seven little-endian i32 (length, format, element type,
 * four dimensions), then the elements. Read are KV_2LTD {@code [2][layers][tokens][channels]},
 * KV_T2D {@code [tokens][2][channels]} and KV_2TD {@code [2][tokens][channels]}, the last two of
 * one layer.
 */
final class LmcacheFsKind implements FileKind {

  static final String NAME = "lmcache-fs";

  /** Bytes in front of the elements. */
  static final int HEADER_BYTES = 28;

  private static final int DIMENSIONS = 4;
  private static final int KV_2LTD = 1;
  private static final int KV_T2D = 2;
  private static final int KV_2TD = 3;
  private static final long MOST_BYTES = Integer.MAX_VALUE;
  private static final int HIGHEST_FORMAT = 16;
  private static final int HIGHEST_DTYPE = 8;

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public boolean recognises(ForeignFile file) {
    if (file.size() < HEADER_BYTES) {
      return false;
    }
    int format = file.i32(4, "the header");
    int dtype = file.i32(8, "the header");
    return file.u32(0, "the header") == file.size() - HEADER_BYTES
        && format >= 0
        && format <= HIGHEST_FORMAT
        && dtype >= 0
        && dtype <= HIGHEST_DTYPE;
  }

  @Override
  public KvSource open(ForeignFile file, KindOptions options, Arena arena) {
    long length = file.u32(0, "the header");
    if (length != file.size() - HEADER_BYTES) {
      throw file.refused(
          "the header says %d bytes of elements, there are %d: the file is truncated or damaged"
              .formatted(length, file.size() - HEADER_BYTES));
    }
    int format = file.i32(4, "the header");
    AxisOrder order =
        switch (format) {
          case KV_2LTD -> new AxisOrder("kltc");
          case KV_T2D -> new AxisOrder("tkc");
          case KV_2TD -> new AxisOrder("ktc");
          default ->
              throw file.refused(
                  ("elements in format %d; read are KV_2LTD (1), KV_T2D (2) and KV_2TD (3), not"
                          + " CacheGen's pickles and not others")
                      .formatted(format));
        };
    Dtype dtype = dtype(file, file.i32(8, "the header"));
    List<Long> dimensions = new ArrayList<>();
    for (int i = 0; i < DIMENSIONS; i++) {
      long size = file.i32(12 + 4L * i, "the header");
      if (i < order.letters().length()) {
        dimensions.add(size);
      } else if (size != 0) {
        throw file.refused("dimension %d is %d, format %d has none".formatted(i, size, format));
      }
    }
    Extent elements = new Extent(HEADER_BYTES, length);
    return StackedTensor.open(file, order, dimensions, dtype, options, elements, arena, NAME);
  }

  private static Dtype dtype(ForeignFile file, int number) {
    return switch (number) {
      case 1, 2 -> Dtype.F16;
      case 3 -> Dtype.BF16;
      case 4 -> Dtype.F32;
      default ->
          throw file.refused(
              "elements of type %d; read are f16 (1, 2), bf16 (3) and f32 (4)".formatted(number));
    };
  }

  private static int number(Dtype dtype) {
    return switch (dtype) {
      case F16 -> 2;
      case BF16 -> 3;
      case F32 -> 4;
    };
  }

  @Override
  public NewFile plan(KvDescription description, KindOptions options) {
    LayerShape first = Alike.layers(description, NAME);
    if (description.bytes() > MOST_BYTES) {
      throw new CommandFailure(
          ExitCode.NO,
          "%d bytes of keys and values, a file of kind %s has at most %d: use %s"
              .formatted(description.bytes(), NAME, MOST_BYTES, SafetensorsKind.NAME));
    }
    int channels = first.kvHeads() * first.keyDim();
    byte[] header =
        ByteBuffer.allocate(HEADER_BYTES)
            .order(ByteOrder.LITTLE_ENDIAN)
            .putInt((int) description.bytes())
            .putInt(KV_2LTD)
            .putInt(number(description.shape().dtype()))
            .putInt(2)
            .putInt(description.shape().layerCount())
            .putInt(description.tokens())
            .putInt(channels)
            .array();
    KvLayout layout = StackedTensor.places(description, first, HEADER_BYTES, NAME);
    return new NewFile(layout, Map.of(0L, MemorySegment.ofArray(header)));
  }
}

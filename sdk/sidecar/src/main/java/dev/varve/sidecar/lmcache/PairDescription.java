package dev.varve.sidecar.lmcache;

import dev.varve.store.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * Reads what LMCache's connector inside an engine stores beside a value: seven 32-bit numbers,
 * little-endian: length, format, element type, and four dimensions.
 */
final class PairDescription {

  /** Bytes of a description of one tensor. */
  static final int BYTES = 28;

  /** Format {@code [2][layers][tokens][width]}, the only one whose values are encoded. */
  private static final int KV_2LTD = 1;

  /** Width of a head where nobody says it: that of most models. */
  private static final int USUAL_DIM = 128;

  private PairDescription() {}

  /** The shape; empty if it is another tensor or none. */
  static Optional<SlabShape> parse(byte[] description) {
    if (description.length != BYTES) {
      return Optional.empty();
    }
    ByteBuffer numbers = ByteBuffer.wrap(description).order(ByteOrder.LITTLE_ENDIAN);
    int length = numbers.getInt();
    int format = numbers.getInt();
    Optional<Dtype> dtype = dtype(numbers.getInt());
    int two = numbers.getInt();
    int layers = numbers.getInt();
    int tokens = numbers.getInt();
    int width = numbers.getInt();
    if (format != KV_2LTD || two != 2 || dtype.isEmpty() || width < 1) {
      return Optional.empty();
    }
    boolean usual = width % USUAL_DIM == 0;
    SlabShape shape =
        new SlabShape(
            layers, tokens, usual ? width / USUAL_DIM : 1, usual ? USUAL_DIM : width, dtype.get());
    return shape.fits() && shape.bytes() == length ? Optional.of(shape) : Optional.empty();
  }

  private static Optional<Dtype> dtype(int number) {
    return switch (number) {
      case 1, 2 -> Optional.of(Dtype.F16);
      case 3 -> Optional.of(Dtype.BF16);
      case 4 -> Optional.of(Dtype.F32);
      default -> Optional.empty();
    };
  }
}

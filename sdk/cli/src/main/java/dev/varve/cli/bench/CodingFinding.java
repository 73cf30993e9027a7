package dev.varve.cli.bench;

import java.util.OptionalDouble;

/**
 * What a way to write keys and values costs and what it gives.
 *
 * @param name of the encoding, or of the yardstick
 * @param bitsPerValue bits for each element, everything included
 * @param tableBitsPerValue bits that tables add which are kept apart
 * @param outputError relative error of attention outputs, mean over the layers
 * @param nextTokenLoss nats a token where the model reads what was written, if a model was run
 * @param encodeRate bytes of binary16 a second that encoding takes, if it was measured
 * @param decodeRate bytes of binary16 a second that decoding gives, if it was measured
 */
public record CodingFinding(
    String name,
    double bitsPerValue,
    double tableBitsPerValue,
    double outputError,
    OptionalDouble nextTokenLoss,
    OptionalDouble encodeRate,
    OptionalDouble decodeRate) {

  /** {@link #encodeRate} in GB. */
  OptionalDouble encodedGigabytes() {
    return gigabytes(encodeRate);
  }

  /** {@link #decodeRate} in GB. */
  OptionalDouble decodedGigabytes() {
    return gigabytes(decodeRate);
  }

  private static OptionalDouble gigabytes(OptionalDouble rate) {
    return rate.isEmpty() ? rate : OptionalDouble.of(rate.getAsDouble() / 1e9);
  }
}

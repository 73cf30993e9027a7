package dev.varve.compression.quantize;

/** Which elements of a section share a scale. */
public enum Axis {
  /** Consecutive channels of one token in one head: per-token quantization. */
  TOKEN,
  /** Consecutive tokens of one channel: per-channel quantization, for keys. */
  CHANNEL,
  /** All channels of one token in all heads. */
  VECTOR
}

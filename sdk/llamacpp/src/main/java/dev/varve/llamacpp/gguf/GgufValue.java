package dev.varve.llamacpp.gguf;

import java.util.List;

/** A value of a GGUF file's metadata. */
public sealed interface GgufValue {

  /** A whole number of any width; unsigned ones of 64 bits above the signed range are negative. */
  record Whole(long value) implements GgufValue {}

  /** A number of 32 or 64 bits. */
  record Real(double value) implements GgufValue {}

  /** True or false. */
  record Flag(boolean value) implements GgufValue {}

  /** Text in UTF-8; bytes that are none become U+FFFD. */
  record Text(String value) implements GgufValue {}

  /**
   * A list of values of one kind.
   *
   * @param type number of the kind in the file
   * @param values in order
   */
  record Many(int type, List<GgufValue> values) implements GgufValue {
    public Many {
      values = List.copyOf(values);
    }
  }
}

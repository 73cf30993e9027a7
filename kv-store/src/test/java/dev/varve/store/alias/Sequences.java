package dev.varve.store.alias;

import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;
import java.util.HexFormat;
import java.util.stream.IntStream;

/** Token sequences and digests for tests. */
final class Sequences {
  private Sequences() {}

  /** The ids {@code 0, 1, ..., tokens-1}. */
  static int[] counting(int tokens) {
    return IntStream.range(0, tokens).toArray();
  }

  /** The digest written as 64 hexadecimal digits. */
  static Digest256 digest(String hex) {
    return Digest256.read(MemorySegment.ofArray(HexFormat.of().parseHex(hex)), 0);
  }
}

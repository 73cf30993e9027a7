package dev.varve.compression.entropy;

import dev.varve.store.kernel.Backend;

/**
 * The inner loops of rANS. A symbol of frequency {@code f} in 4,096ths turns the state {@code x}
 * into {@code (x / f << 12) + slot}, where the slot tells the symbol and {@code x % f}; before that
 * the state gives away its lower 16 bits as a word if it would grow beyond 31 bits. Decoding turns
 * this round.
 *
 * <p>J. Duda, "Asymmetric numeral systems" (2013), with the interleaving of F. Giesen, "Interleaved
 * entropy coders" (2014). Every kernel gives the same bytes. Stateless.
 */
interface RansKernel {

  /**
   * Decodes whole rounds into {@code target}, fewer if the words run out. Every value is legal
   * input; only the front of {@code target} up to the last whole round is written.
   */
  void decode(RansInput input, RansTable table, byte[] target, int from, int rounds);

  /** Encodes whole rounds, the last first. All symbols must be ones that the table can write. */
  void encode(RansOutput output, RansTable table, byte[] source, int from, int rounds);

  /** Writes the first {@code count} words, the last first, to the front of {@code reversed}. */
  default void reverse(short[] words, int count, short[] reversed) {
    for (int i = 0; i < count; i++) {
      reversed[count - 1 - i] = words[i];
    }
  }

  /** The fastest kernel of {@code backend} on this machine. */
  static RansKernel of(Backend backend) {
    RansKernel scalar = new InterleavedRansKernel();
    return backend == Backend.VECTOR && VectorRansKernel.isFast()
        ? new VectorRansKernel(scalar)
        : scalar;
  }

  /** Decodes the first {@code symbols} places of a round, fewer than there are states. */
  default void decodeRest(RansInput input, RansTable table, byte[] target, int from, int symbols) {
    ScalarRansKernel.decodeRound(input, table, target, from, symbols);
  }
}

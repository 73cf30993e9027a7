package dev.varve.compression.entropy;

/** The plain judge: any number of states, one symbol after the other. */
final class ScalarRansKernel implements RansKernel {
  static final int WORD_BITS = 16;

  /** A state that is this much or more, times the frequency, gives away a word. */
  static final int FULL_BITS = 31 - Frequencies.BITS;

  @Override
  public void decode(RansInput input, RansTable table, byte[] target, int from, int rounds) {
    int states = input.stateCount;
    for (int round = 0; round < rounds && !input.overrun(); round++) {
      decodeRound(input, table, target, from + round * states, states);
    }
  }

  @Override
  public void encode(RansOutput output, RansTable table, byte[] source, int from, int rounds) {
    int states = output.stateCount;
    for (int round = rounds - 1; round >= 0; round--) {
      encodeRound(output, table, source, from + round * states, states);
    }
  }

  /** Decodes the first {@code symbols} places of a round. */
  static void decodeRound(RansInput input, RansTable table, byte[] target, int from, int symbols) {
    int states = input.stateCount;
    for (int state = 0; state < states; state++) {
      int place = Interleaving.place(state, states);
      if (place < symbols) {
        int x = input.states[state];
        int entry = table.bySlot()[x & (Frequencies.TOTAL - 1)];
        target[from + place] = (byte) entry;
        x = RansTable.frequency(entry) * (x >>> Frequencies.BITS) + RansTable.bias(entry);
        if (x < Interleaving.START) {
          x = (x << WORD_BITS) | input.word(input.position);
          input.position += Short.BYTES;
        }
        input.states[state] = x;
      }
    }
  }

  /** Encodes the first {@code symbols} places of a round. */
  static void encodeRound(
      RansOutput output, RansTable table, byte[] source, int from, int symbols) {
    int states = output.stateCount;
    for (int state = states - 1; state >= 0; state--) {
      int place = Interleaving.place(state, states);
      if (place < symbols) {
        int entry = table.bySymbol()[source[from + place] & 0xff];
        int frequency = RansTable.frequency(entry);
        int x = output.states[states - 1 - state];
        if ((x >>> FULL_BITS) >= frequency) {
          output.words[output.wordCount++] = (short) x;
          x >>>= WORD_BITS;
        }
        int slot = table.slots()[RansTable.start(entry) + x % frequency];
        output.states[states - 1 - state] = ((x / frequency) << Frequencies.BITS) + slot;
      }
    }
  }
}

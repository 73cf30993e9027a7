package dev.varve.compression.entropy;

/** Eight states in registers, without branches; other numbers of states go the plain way. */
final class InterleavedRansKernel implements RansKernel {
  private static final int STATES = 8;
  private static final int SIGN = 31;
  private static final int WORD_BITS = ScalarRansKernel.WORD_BITS;

  /** Making a table of 4,096 entries takes about as long as decoding so many rounds with it. */
  private static final int ROUNDS_WORTH_A_TABLE = 512;

  private static final int[] PLACES = places(STATES);

  private final ScalarRansKernel plain = new ScalarRansKernel();

  @Override
  public void decode(RansInput input, RansTable table, byte[] target, int from, int rounds) {
    if (input.stateCount != STATES) {
      plain.decode(input, table, target, from, rounds);
      return;
    }
    AliasBuckets buckets = table.buckets;
    if (buckets != null && !table.hasBySlot() && rounds < ROUNDS_WORTH_A_TABLE) {
      decode(input, buckets, target, from, rounds);
      return;
    }
    int[] slots = table.bySlot();
    byte[] words = input.words;
    int[] x = input.states;
    int end = input.end;
    int position = input.position;
    int x0 = x[0];
    int x1 = x[1];
    int x2 = x[2];
    int x3 = x[3];
    int x4 = x[4];
    int x5 = x[5];
    int x6 = x[6];
    int x7 = x[7];
    int to = from + rounds * STATES;
    for (int at = from; at < to && position <= end; at += STATES) {
      int entry;
      int low;
      entry = slots[x0 & (slots.length - 1)];
      target[at + 0] = (byte) entry;
      x0 = RansTable.frequency(entry) * (x0 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x0 - Interleaving.START) >> SIGN;
      x0 =
          (x0 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x1 & (slots.length - 1)];
      target[at + 2] = (byte) entry;
      x1 = RansTable.frequency(entry) * (x1 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x1 - Interleaving.START) >> SIGN;
      x1 =
          (x1 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x2 & (slots.length - 1)];
      target[at + 4] = (byte) entry;
      x2 = RansTable.frequency(entry) * (x2 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x2 - Interleaving.START) >> SIGN;
      x2 =
          (x2 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x3 & (slots.length - 1)];
      target[at + 6] = (byte) entry;
      x3 = RansTable.frequency(entry) * (x3 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x3 - Interleaving.START) >> SIGN;
      x3 =
          (x3 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x4 & (slots.length - 1)];
      target[at + 1] = (byte) entry;
      x4 = RansTable.frequency(entry) * (x4 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x4 - Interleaving.START) >> SIGN;
      x4 =
          (x4 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x5 & (slots.length - 1)];
      target[at + 3] = (byte) entry;
      x5 = RansTable.frequency(entry) * (x5 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x5 - Interleaving.START) >> SIGN;
      x5 =
          (x5 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x6 & (slots.length - 1)];
      target[at + 5] = (byte) entry;
      x6 = RansTable.frequency(entry) * (x6 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x6 - Interleaving.START) >> SIGN;
      x6 =
          (x6 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
      entry = slots[x7 & (slots.length - 1)];
      target[at + 7] = (byte) entry;
      x7 = RansTable.frequency(entry) * (x7 >>> Frequencies.BITS) + RansTable.bias(entry);
      low = (x7 - Interleaving.START) >> SIGN;
      x7 =
          (x7 << (low & WORD_BITS)) | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
      position -= 2 * low;
    }
    x[0] = x0;
    x[1] = x1;
    x[2] = x2;
    x[3] = x3;
    x[4] = x4;
    x[5] = x5;
    x[6] = x6;
    x[7] = x7;
    input.position = position;
  }

  @Override
  public void encode(RansOutput output, RansTable table, byte[] source, int from, int rounds) {
    int[] bySymbol = table.bySymbol();
    int[] slots = table.slots();
    long[] reciprocals = table.reciprocals();
    short[] words = output.words;
    int[] states = output.states;
    int count = output.stateCount;
    int[] places = places(count);
    int written = output.wordCount;
    for (int at = from + (rounds - 1) * count; at >= from; at -= count) {
      for (int i = 0; i < count; i++) {
        int symbol = source[at + places[count - 1 - i]] & 0xff;
        int entry = bySymbol[symbol];
        int frequency = RansTable.frequency(entry);
        int x = states[i];
        // The word is written in any case and counted only where the state gives it away.
        words[written] = (short) x;
        int full = (frequency - 1 - (x >>> ScalarRansKernel.FULL_BITS)) >>> SIGN;
        written += full;
        x >>>= full * WORD_BITS;
        int quotient = (int) ((x * reciprocals[symbol]) >>> RansTable.RECIPROCAL_BITS);
        int rest = x - quotient * frequency;
        states[i] = (quotient << Frequencies.BITS) + slots[RansTable.start(entry) + rest];
      }
    }
    output.wordCount = written;
  }

  /** Does not make a table of 4,096 entries for less than a round. */
  @Override
  public void decodeRest(RansInput input, RansTable table, byte[] target, int from, int symbols) {
    AliasBuckets buckets = table.buckets;
    if (buckets == null || table.hasBySlot()) {
      ScalarRansKernel.decodeRound(input, table, target, from, symbols);
      return;
    }
    int count = input.stateCount;
    for (int state = 0; state < count; state++) {
      int place = Interleaving.place(state, count);
      if (place < symbols) {
        int x = input.states[state];
        int slot = x & (Frequencies.TOTAL - 1);
        int bucket = slot >>> AliasBuckets.SLOT_BITS;
        int others = (buckets.dividers[bucket] - 1 - slot) >>> SIGN;
        int part = bucket + others * AliasBuckets.COUNT;
        target[from + place] = (byte) buckets.symbols[part];
        x =
            buckets.frequencies[part] * (x >>> Frequencies.BITS)
                + ((slot + buckets.shifts[part]) & 0xffff);
        if (x < Interleaving.START) {
          x = (x << WORD_BITS) | input.word(input.position);
          input.position += Short.BYTES;
        }
        input.states[state] = x;
      }
    }
  }

  private static void decode(
      RansInput input, AliasBuckets buckets, byte[] target, int from, int rounds) {
    int[] states = input.states;
    byte[] words = input.words;
    int position = input.position;
    int to = from + rounds * STATES;
    for (int at = from; at < to && position <= input.end; at += STATES) {
      for (int state = 0; state < STATES; state++) {
        int x = states[state];
        int slot = x & (Frequencies.TOTAL - 1);
        int bucket = slot >>> AliasBuckets.SLOT_BITS;
        int others = (buckets.dividers[bucket] - 1 - slot) >>> SIGN;
        int part = bucket + others * AliasBuckets.COUNT;
        target[at + PLACES[state]] = (byte) buckets.symbols[part];
        x =
            buckets.frequencies[part] * (x >>> Frequencies.BITS)
                + ((slot + buckets.shifts[part]) & 0xffff);
        int low = (x - Interleaving.START) >> SIGN;
        states[state] =
            (x << (low & WORD_BITS))
                | ((short) RansInput.SHORT.get(words, position) & 0xffff & low);
        position -= 2 * low;
      }
    }
    input.position = position;
  }

  private static int[] places(int count) {
    int[] places = new int[count];
    for (int state = 0; state < count; state++) {
      places[state] = Interleaving.place(state, count);
    }
    return places;
  }
}

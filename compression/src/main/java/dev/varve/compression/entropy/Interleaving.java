package dev.varve.compression.entropy;

/**
 * Which state writes which symbol. A run of symbols is cut into rounds of as many symbols as there
 * are states. States come in groups of 32, or one group if there are fewer: within a group the
 * first half of the states have the symbols at even places, the second half those at odd places, so
 * that two vectors of states share the lanes of one vector of symbols. States refill in their own
 * order. The last round of a run may be partial: only states whose place is within it take part.
 */
final class Interleaving {
  /** Most states. */
  static final int MAX_STATES = 64;

  /** What a state is at the beginning of encoding, and must be at the end of decoding. */
  static final int START = 1 << 15;

  private static final int GROUP = 32;
  private static final int FEW_STATES = 8;
  private static final int FEW_STATES_FROM = 4096;
  private static final int FEW_STATES_FROM_IF_MANY = 1024;
  private static final int MANY_STATES_FROM = 8192;

  private Interleaving() {}

  /** States to use for so many symbols; from 8,192 on speed is worth 3 bytes a state. */
  static int states(int symbols) {
    return states(symbols, FEW_STATES_FROM);
  }

  /** States to use where speed is worth 3 bytes a state in fewer symbols too. */
  static int manyStates(int symbols) {
    return states(symbols, FEW_STATES_FROM_IF_MANY);
  }

  private static int states(int symbols, int fewFrom) {
    if (symbols < fewFrom) {
      return 1;
    }
    return symbols < MANY_STATES_FROM ? FEW_STATES : MAX_STATES;
  }

  static boolean isPossible(int states) {
    return states >= 1 && states <= MAX_STATES && Integer.bitCount(states) == 1;
  }

  /** Place in a round of the symbol of {@code state}. */
  static int place(int state, int states) {
    int group = Math.min(states, GROUP);
    int half = group / 2;
    int within = state % group;
    int first = state - within;
    return first + (within < half || half == 0 ? 2 * within : 2 * (within - half) + 1);
  }
}

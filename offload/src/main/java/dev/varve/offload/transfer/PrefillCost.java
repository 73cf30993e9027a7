package dev.varve.offload.transfer;

/**
 * What an engine needs to compute the keys and values of a prompt: the token at position {@code p}
 * costs {@code secondsPerToken + secondsPerPosition * p}, for attention grows with what is before
 * it.
 *
 * @param secondsPerToken from 0; may be infinite
 * @param secondsPerPosition from 0; may be infinite
 */
public record PrefillCost(double secondsPerToken, double secondsPerPosition) {

  public PrefillCost {
    checkCost(secondsPerToken, "secondsPerToken");
    checkCost(secondsPerPosition, "secondsPerPosition");
  }

  /** Every token costs the same. */
  public static PrefillCost perToken(double seconds) {
    return new PrefillCost(seconds, 0);
  }

  /** Time to compute the tokens {@code [from, to)}. */
  public double seconds(long from, long to) {
    double tokens = to - from;
    double positions = tokens * (from + to - 1) / 2;
    return product(tokens, secondsPerToken) + product(positions, secondsPerPosition);
  }

  /** Nothing of something infinite costs nothing. */
  private static double product(double count, double cost) {
    return count == 0 || cost == 0 ? 0 : count * cost;
  }

  private static void checkCost(double value, String name) {
    if (!(value >= 0)) {
      throw new IllegalArgumentException(name + " must be a number from 0: " + value);
    }
  }
}

package dev.varve.client;

/**
 * What a server has of a context.
 *
 * @param tokens of the longest stored prefix; 0 if nothing is stored, and where the server failed
 * @param fetchTokens how many of them are worth fetching from its tiers
 * @param bytes of the prefix as raw blocks
 */
public record RemoteMatch(int tokens, int fetchTokens, long bytes) {

  /** Nothing. */
  public static final RemoteMatch MISS = new RemoteMatch(0, 0, 0);
}

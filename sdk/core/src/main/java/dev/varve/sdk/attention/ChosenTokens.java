package dev.varve.sdk.attention;

/**
 * Tokens that were chosen for one KV head, or for all of them.
 *
 * @param positions in the context, ascending
 * @param scores of each the largest logit, which is the scaled dot product, of the queries that
 *     read this head; nothing where they were not asked for
 */
@SuppressWarnings("ArrayRecordComponent") // results, never compared
public record ChosenTokens(int[] positions, float[] scores) {}

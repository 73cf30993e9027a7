package dev.varve.offload.replay;

/**
 * One line of a replay's result.
 *
 * @param policy name of the policy, or of a bound: {@code belady}, {@code infinite}
 * @param capacity chunks that the cache holds
 * @param score what it would have served
 */
public record ReplayRow(String policy, int capacity, Score score) {}

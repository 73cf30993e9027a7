package dev.varve.offload.replacement;

/**
 * One chunk of a request's chain, as far as it is known when the request reaches it.
 *
 * @param chunk the chunk
 * @param parent the chunk before it, or {@link ReplacementPolicy#NONE}
 * @param whole whether its span is full; the last chunk of a prompt usually is not
 * @param weight room it takes, in the units of the tier's capacity
 */
public record Visit(long chunk, long parent, boolean whole, int weight) {}

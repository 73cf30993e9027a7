package dev.varve.llamacpp;

/**
 * What became of a prompt.
 *
 * @param reused tokens whose keys and values were found and restored
 * @param computed tokens that the engine decoded
 * @param stored tokens from the front whose keys and values are stored now
 * @param logits of the last token
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record Prefill(int reused, int computed, int stored, float[] logits) {}

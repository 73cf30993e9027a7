package dev.varve.cli.bench;

/**
 * How fast rows of codes are scored.
 *
 * @param bits of a code
 * @param queries that share a row
 * @param hotRows rows a second from the nearest caches, by processor time
 * @param coldRows rows a second from memory
 * @param cold bytes from memory beside a read of it
 */
public record RowScores(int bits, int queries, double hotRows, double coldRows, Comparison cold) {}

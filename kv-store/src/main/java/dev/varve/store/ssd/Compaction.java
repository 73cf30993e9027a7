package dev.varve.store.ssd;

/**
 * What a compaction did.
 *
 * @param movedBlocks blocks copied out of sparse segments
 * @param damagedBlocks blocks left where they are because they cannot be read
 * @param freedBytes by which the files became smaller
 */
public record Compaction(long movedBlocks, long damagedBlocks, long freedBytes) {}

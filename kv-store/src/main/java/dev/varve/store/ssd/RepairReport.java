package dev.varve.store.ssd;

/**
 * What a repair did.
 *
 * @param blocks held now
 * @param dropped damaged records that are not held any more
 * @param indexRebuilt whether the index was made anew from the segments
 */
public record RepairReport(long blocks, long dropped, boolean indexRebuilt) {}

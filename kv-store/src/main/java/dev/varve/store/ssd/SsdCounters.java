package dev.varve.store.ssd;

/**
 * What an SSD tier met since it was opened. Every failure counted here has its ERROR line.
 *
 * @param ioMode how it reads and writes: {@code O_DIRECT}, or {@code buffered} and why
 * @param damagedReads reads that found bytes which failed a check
 * @param failedPuts puts that the disk refused
 * @param failedSyncs syncs that the disk refused
 * @param failedRemovals removed records that could not be marked in their file
 * @param lostBlocks blocks that the index named, or a sync had still to write, and that are lost
 * @param rebuilds times that the index was rebuilt from the segments
 * @param recovered blocks found in segments behind the end that the index knew
 * @param syncs times that data and index were forced to the disk
 */
public record SsdCounters(
    String ioMode,
    long damagedReads,
    long failedPuts,
    long failedSyncs,
    long failedRemovals,
    long lostBlocks,
    long rebuilds,
    long recovered,
    long syncs) {}

package dev.varve.store.ssd;

/**
 * What the parts of one open store share.
 *
 * @param store its random number, which stands in every record
 * @param files how files are read and written
 * @param buffers aligned memory
 * @param events counters
 */
record StoreParts(long store, BlockFiles files, AlignedBuffers buffers, SsdEvents events) {}

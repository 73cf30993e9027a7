package dev.varve.store.object;

/**
 * What a cache holds in objects, of all tenants, and has done with them since it was opened.
 *
 * @param objects objects now
 * @param bytes their bytes, without names and what tiers add
 * @param leases how often one was taken to be read
 * @param misses how often there was none to be read
 * @param commits objects written, appends among them
 * @param dropped commits that were dropped because there was no room
 * @param deleted objects deleted
 * @param expired objects removed because their time had passed
 * @param displaced objects that left because others needed the room
 * @param lost objects of which a piece was missing or failed its check
 */
public record ObjectStats(
    long objects,
    long bytes,
    long leases,
    long misses,
    long commits,
    long dropped,
    long deleted,
    long expired,
    long displaced,
    long lost) {}

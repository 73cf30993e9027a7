package dev.varve.store.remote;

/**
 * What became of what was asked of a remote store, since it was opened.
 *
 * @param hits blocks and objects that it gave
 * @param misses that it does not hold
 * @param written blocks and objects that it took
 * @param readBytes payloads of the hits
 * @param writtenBytes payloads that it took
 * @param failures requests that it did not answer in time, or refused
 * @param spared requests that were not sent because it had failed before: misses, too
 * @param damaged answers that failed a check and were not used
 * @param reachable whether it answered when it was last asked
 */
public record RemoteStats(
    long hits,
    long misses,
    long written,
    long readBytes,
    long writtenBytes,
    long failures,
    long spared,
    long damaged,
    boolean reachable) {}

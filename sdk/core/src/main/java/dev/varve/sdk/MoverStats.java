package dev.varve.sdk;

/**
 * What moving has done since the cache was opened.
 *
 * @param waiting blocks that a tier refused for a reason that may pass, to be tried again
 * @param retries blocks that were tried again, each time counted
 * @param givenUp blocks that were tried again too often in vain
 * @param droppedPuts blocks that no lower tier had room for
 * @param prefetched blocks that prefetches made hot
 * @param readAhead far blocks that were there when a step's attention came to them
 * @param agentFailures failures that the mover's thread outlived; each is in the log
 */
public record MoverStats(
    long waiting,
    long retries,
    long givenUp,
    long droppedPuts,
    long prefetched,
    long readAhead,
    long agentFailures) {}

package dev.varve.sidecar.status;

/**
 * What a server is and has done since it started.
 *
 * @param version of Varve
 * @param address where it speaks RESP
 * @param transport how bytes come and go
 * @param uptimeSeconds since it started
 * @param draining whether it accepts nobody any more
 * @param clients connections now
 * @param maxClients most connections at a time
 * @param memoryUsedBytes memory of values on their way
 * @param memoryLimitBytes most of it
 * @param connections connections accepted
 * @param refusedConnections connections refused because there were too many
 * @param commands requests run
 * @param hits values looked up and found
 * @param misses values looked up and not found
 * @param droppedPuts values of LMCache that were not stored although the client was told OK
 * @param failures requests in which the store failed
 * @param wrongPasswords wrong passwords
 */
public record ServerState(
    String version,
    String address,
    String transport,
    long uptimeSeconds,
    boolean draining,
    int clients,
    int maxClients,
    long memoryUsedBytes,
    long memoryLimitBytes,
    long connections,
    long refusedConnections,
    long commands,
    long hits,
    long misses,
    long droppedPuts,
    long failures,
    long wrongPasswords) {}

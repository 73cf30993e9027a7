package dev.varve.sidecar.status;

/**
 * Memory that is handed over to clients of this machine.
 *
 * @param socket where
 * @param clients connections now
 * @param files memory files now, one of each tenant
 * @param bytes of all of them
 * @param usedBytes bytes of values in them
 * @param leasedBytes bytes of values that somebody has leased
 * @param values number of values
 * @param found leases of values that were there already
 * @param copied values that were copied there
 * @param displaced values that made room for others
 */
public record HandoverState(
    String socket,
    int clients,
    int files,
    long bytes,
    long usedBytes,
    long leasedBytes,
    int values,
    long found,
    long copied,
    long displaced) {}

package dev.varve.sidecar.status;

/**
 * One command.
 *
 * @param command its name in lower case
 * @param count how often it was run
 * @param failed how often it was refused or failed
 * @param meanMicros how long it ran, on average
 * @param p50Micros upper end of the histogram's bucket that half of them come to at most
 * @param p99Micros the same for 99 of 100
 */
public record CommandState(
    String command,
    long count,
    long failed,
    double meanMicros,
    double p50Micros,
    double p99Micros) {}

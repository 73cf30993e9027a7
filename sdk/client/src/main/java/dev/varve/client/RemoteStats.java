package dev.varve.client;

/**
 * What a client has done.
 *
 * @param requests requests begun
 * @param failures of these, that ended as a miss or as a shorter prefix because something failed
 * @param connects connections made
 * @param receivedBytes bytes of frames received
 * @param refusedFrames frames that failed a check
 */
public record RemoteStats(
    long requests, long failures, long connects, long receivedBytes, long refusedFrames) {}

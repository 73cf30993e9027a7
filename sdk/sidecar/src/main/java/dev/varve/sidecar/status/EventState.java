package dev.varve.sidecar.status;

/**
 * The stream of KV events.
 *
 * @param endpoint where it is published
 * @param replayEndpoint where what was missed can be asked for; empty if nowhere
 * @param topic first frame of every message
 * @param nextSequence number of the next message
 * @param events events published
 * @param dropped events that were not published because too many waited
 * @param source which blocks it tells of
 */
public record EventState(
    String endpoint,
    String replayEndpoint,
    String topic,
    long nextSequence,
    long events,
    long dropped,
    String source) {}

package dev.varve.sidecar.status;

/**
 * Values of all tenants, and what became of them since the server started.
 *
 * @param count values now
 * @param bytes their bytes
 * @param stored values written
 * @param deleted values deleted
 * @param expired values whose time had passed
 * @param displaced values that left because others needed the room
 * @param dropped values that were not stored because there was no room
 * @param lost values of which a piece was missing or failed its check
 */
public record ObjectState(
    long count,
    long bytes,
    long stored,
    long deleted,
    long expired,
    long displaced,
    long dropped,
    long lost) {}

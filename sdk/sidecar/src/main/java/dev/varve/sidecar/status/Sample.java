package dev.varve.sidecar.status;

import java.util.List;

/**
 * The state at a moment, small enough to keep many. What grows only is told since the start.
 *
 * @param sequence one more than that of the sample before
 * @param millis since 1970
 * @param usedBytes bytes taken in each tier, nearest first
 * @param commands requests run
 * @param hits values looked up and found
 * @param misses values looked up and not found
 * @param bytesIn bytes that requests brought
 * @param bytesOut bytes of values that replies took away
 * @param displaced values that left because others needed the room
 * @param expired values whose time had passed
 * @param stored values written
 * @param rawBytes what the written blocks take raw
 * @param writtenBytes what they took as they were written
 * @param clients connections
 */
public record Sample(
    long sequence,
    long millis,
    List<Long> usedBytes,
    long commands,
    long hits,
    long misses,
    long bytesIn,
    long bytesOut,
    long displaced,
    long expired,
    long stored,
    long rawBytes,
    long writtenBytes,
    int clients) {}

package dev.varve.store;

import java.lang.foreign.MemorySegment;

/**
 * A block that is wanted and where it goes.
 *
 * @param target native memory, at least as long as the payload
 */
public record BlockTarget(BlockKey key, MemorySegment target) {}

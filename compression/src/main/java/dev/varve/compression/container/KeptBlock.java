package dev.varve.compression.container;

import java.lang.foreign.MemorySegment;

/**
 * A block that a stopped writer left whole.
 *
 * @param originalCrc CRC32C of the block before it was encoded: it is of other rows if theirs
 *     differs
 * @param payload its checked bytes; read-only, valid until the writer is closed
 */
public record KeptBlock(BlockInfo info, int originalCrc, MemorySegment payload) {}

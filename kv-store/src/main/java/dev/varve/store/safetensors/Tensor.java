package dev.varve.store.safetensors;

import java.lang.foreign.MemorySegment;

/**
 * A tensor of an open file.
 *
 * @param spec name, type and shape
 * @param data read-only elements in little-endian order, aligned to no more than one byte; valid as
 *     long as the arena the file was opened in
 */
public record Tensor(TensorSpec spec, MemorySegment data) {}

package dev.varve.compression.container;

import dev.varve.store.Digest256;
import java.lang.foreign.MemorySegment;

/**
 * Tables that codecs were calibrated with, opaque here.
 *
 * @param id number by which blocks name it, from 1 on
 * @param hash SHA-256 of the bytes
 * @param bytes read-only, of the file's mapping: valid until the file is closed
 */
public record TableSet(int id, Digest256 hash, MemorySegment bytes) {}

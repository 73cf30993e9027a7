package dev.varve.sidecar.lmcache;

import dev.varve.store.Encoding;

/**
 * How a value is stored by its shape.
 *
 * @param shape of its slabs
 * @param encoding of keys and values
 */
public record ShapedValue(SlabShape shape, Encoding encoding) {}

package dev.varve.sidecar.lmcache;

import java.util.Optional;

/**
 * What stands in front of a value.
 *
 * @param shape of the slabs behind it; empty if the value stands there as it is
 */
record ShapedHeader(Optional<SlabShape> shape) {}

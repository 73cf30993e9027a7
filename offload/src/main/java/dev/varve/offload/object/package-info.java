/** Opaque objects in the tiers of blocks: a versioned manifest of immutable extents. */
@NullMarked
package dev.varve.offload.object;

import org.jspecify.annotations.NullMarked;

/** The HOT tier in native memory: fixed slots, claimed by leases with a visible end. */
@NullMarked
package dev.varve.store.hot;

import org.jspecify.annotations.NullMarked;

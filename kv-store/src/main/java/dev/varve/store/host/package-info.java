/** The HOST tier: encoded blocks in off-heap memory, in a Chronicle Map. */
@NullMarked
package dev.varve.store.host;

import org.jspecify.annotations.NullMarked;

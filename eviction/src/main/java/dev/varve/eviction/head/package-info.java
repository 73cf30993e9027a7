/** Heads that keep everything beside heads that keep both ends. */
@NullMarked
package dev.varve.eviction.head;

import org.jspecify.annotations.NullMarked;

/** The outcome: what a session still remembers. */
@NullMarked
package dev.varve.eviction.keep;

import org.jspecify.annotations.NullMarked;

/** Scorers made of other scorers. */
@NullMarked
package dev.varve.eviction.wrap;

import org.jspecify.annotations.NullMarked;

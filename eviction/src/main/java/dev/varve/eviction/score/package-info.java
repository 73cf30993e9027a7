/** How much each token matters: one idea, one class. */
@NullMarked
package dev.varve.eviction.score;

import org.jspecify.annotations.NullMarked;

/** How many tokens each layer and head may keep: integers that sum exactly. */
@NullMarked
package dev.varve.eviction.budget;

import org.jspecify.annotations.NullMarked;

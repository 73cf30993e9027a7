/**
 * What a method may look at: keys, values, queries and what an engine adds, one layer at a time.
 */
@NullMarked
package dev.varve.eviction.observe;

import org.jspecify.annotations.NullMarked;

/** What becomes of the tokens that are not kept. */
@NullMarked
package dev.varve.eviction.merge;

import org.jspecify.annotations.NullMarked;

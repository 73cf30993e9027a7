/** Which tokens are kept, given scores and budgets. */
@NullMarked
package dev.varve.eviction.select;

import org.jspecify.annotations.NullMarked;

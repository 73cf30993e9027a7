/** Parts that threads share, under Lincheck: whatever the interleaving, as if one after another. */
@NullMarked
package dev.varve.concurrency;

import org.jspecify.annotations.NullMarked;

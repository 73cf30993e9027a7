/** Policies as one line of text. */
@NullMarked
package dev.varve.eviction.text;

import org.jspecify.annotations.NullMarked;

/** Properties of the two-class formats. */
@NullMarked
package dev.varve.compression.importance;

import org.jspecify.annotations.NullMarked;

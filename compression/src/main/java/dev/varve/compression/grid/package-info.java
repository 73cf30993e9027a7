/** Points of a plane that stand for pairs of elements of rotated rows. */
@NullMarked
package dev.varve.compression.grid;

import org.jspecify.annotations.NullMarked;

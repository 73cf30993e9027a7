/** Properties of GEAR. */
@NullMarked
package dev.varve.compression.gear;

import org.jspecify.annotations.NullMarked;

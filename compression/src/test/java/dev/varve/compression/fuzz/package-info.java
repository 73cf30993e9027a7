/**
 * Random damage for everything that reads foreign bytes, and the inputs that were once too much.
 */
@NullMarked
package dev.varve.compression.fuzz;

import org.jspecify.annotations.NullMarked;

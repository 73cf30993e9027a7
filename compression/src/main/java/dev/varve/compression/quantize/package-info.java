/** Elements rounded to few bits: integers in groups that share a scale, and 8-bit floats. */
@NullMarked
package dev.varve.compression.quantize;

import org.jspecify.annotations.NullMarked;

/** Tests of the bitstream. */
@NullMarked
package dev.varve.compression.bitstream;

import org.jspecify.annotations.NullMarked;

/** Properties of the quantizers. */
@NullMarked
package dev.varve.compression.quantize;

import org.jspecify.annotations.NullMarked;

/** Properties of vector quantization. */
@NullMarked
package dev.varve.compression.vq;

import org.jspecify.annotations.NullMarked;

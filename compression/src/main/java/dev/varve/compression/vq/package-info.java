/** Eight elements at a time written as the nearest of 256 points. */
@NullMarked
package dev.varve.compression.vq;

import org.jspecify.annotations.NullMarked;

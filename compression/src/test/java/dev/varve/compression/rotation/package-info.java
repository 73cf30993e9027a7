/** Properties of the rotated formats. */
@NullMarked
package dev.varve.compression.rotation;

import org.jspecify.annotations.NullMarked;

/** Rows turned at random, so that their elements are alike and one codebook fits all. */
@NullMarked
package dev.varve.compression.rotation;

import org.jspecify.annotations.NullMarked;

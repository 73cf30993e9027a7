/** Which chunks are far, decided per chunk about space, and carrying them there and back. */
@NullMarked
package dev.varve.offload;

import org.jspecify.annotations.NullMarked;

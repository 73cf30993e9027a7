/** Streams a context at the level that the network allows. */
@NullMarked
package dev.varve.sidecar.stream;

import org.jspecify.annotations.NullMarked;

/** The server for engines in other languages. */
@NullMarked
package dev.varve.sidecar;

import org.jspecify.annotations.NullMarked;

/** Connections over a Unix socket, by which memory is handed over. */
@NullMarked
package dev.varve.sidecar.local;

import org.jspecify.annotations.NullMarked;

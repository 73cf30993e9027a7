/** What connections may hold of the server's memory. */
@NullMarked
package dev.varve.sidecar.memory;

import org.jspecify.annotations.NullMarked;

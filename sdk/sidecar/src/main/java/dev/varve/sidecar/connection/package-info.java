/** A client's connection: requests come in, are run in order, and replies go out. */
@NullMarked
package dev.varve.sidecar.connection;

import org.jspecify.annotations.NullMarked;

/** Commands on the connection itself. */
@NullMarked
package dev.varve.sidecar.command.client;

import org.jspecify.annotations.NullMarked;

/** Commands on the server as a whole. */
@NullMarked
package dev.varve.sidecar.command.server;

import org.jspecify.annotations.NullMarked;

/** The state of the server at a moment, and how it came to it. */
@NullMarked
package dev.varve.sidecar.status;

import org.jspecify.annotations.NullMarked;

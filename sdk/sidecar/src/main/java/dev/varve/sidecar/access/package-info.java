/** Who may use the server, and whose values they see. */
@NullMarked
package dev.varve.sidecar.access;

import org.jspecify.annotations.NullMarked;

/** Connections that are encrypted, and certificates that are read again while the server runs. */
@NullMarked
package dev.varve.sidecar.tls;

import org.jspecify.annotations.NullMarked;

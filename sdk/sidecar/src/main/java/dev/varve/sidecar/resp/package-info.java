/** The wire format: RESP2 and RESP3, and the limits of what is accepted. */
@NullMarked
package dev.varve.sidecar.resp;

import org.jspecify.annotations.NullMarked;

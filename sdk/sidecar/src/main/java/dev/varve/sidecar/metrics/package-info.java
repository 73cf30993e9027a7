/** The state of the server in the words of Prometheus. */
@NullMarked
package dev.varve.sidecar.metrics;

import org.jspecify.annotations.NullMarked;

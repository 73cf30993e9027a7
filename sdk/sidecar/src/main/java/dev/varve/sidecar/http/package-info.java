/**
 * The port for people and tools: the page, the state, the metrics, and the calls of an
 * administrator.
 */
@NullMarked
package dev.varve.sidecar.http;

import org.jspecify.annotations.NullMarked;

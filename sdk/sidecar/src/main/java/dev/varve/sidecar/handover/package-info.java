/**
 * Local hand-over: values lie in memory files that clients of this machine map, and only names and
 * leases are exchanged.
 */
@NullMarked
package dev.varve.sidecar.handover;

import org.jspecify.annotations.NullMarked;

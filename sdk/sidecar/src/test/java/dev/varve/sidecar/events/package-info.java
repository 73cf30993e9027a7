/** Tests of KV events. */
@NullMarked
package dev.varve.sidecar.events;

import org.jspecify.annotations.NullMarked;

/** Tells routers which blocks are here, in the words of vLLM's KV events. */
@NullMarked
package dev.varve.sidecar.events;

import org.jspecify.annotations.NullMarked;

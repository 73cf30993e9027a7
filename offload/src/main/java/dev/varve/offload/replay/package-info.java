/** Replays traces of requests against replacement policies, without a store. */
@NullMarked
package dev.varve.offload.replay;

import org.jspecify.annotations.NullMarked;

/** Blocks on a network: the frames in which servers and clients hand each other blocks. */
@NullMarked
package dev.varve.sdk.wire;

import org.jspecify.annotations.NullMarked;

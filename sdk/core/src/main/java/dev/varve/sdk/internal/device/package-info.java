/** Attention with the kernels of a GPU, for blocks that lie in its memory. */
@NullMarked
package dev.varve.sdk.internal.device;

import org.jspecify.annotations.NullMarked;

/**
 * NVIDIA GPUs through the CUDA driver: what is there, its memory as a hot tier, copies to and from
 * it, and kernels. Nothing here needs a GPU, a driver or a toolkit to be loaded; whoever opens a
 * {@link dev.varve.store.cuda.CudaDevice} where there is none gets a sentence.
 */
@NullMarked
package dev.varve.store.cuda;

import org.jspecify.annotations.NullMarked;

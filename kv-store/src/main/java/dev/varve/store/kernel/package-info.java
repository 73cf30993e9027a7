/**
 * Numerics that several rooms need, each kernel as a scalar class that is written to be read and
 * judges, and a Vector API class that agrees with it within a stated tolerance.
 *
 * <p>Kernels own their scratch memory and are therefore for one thread at a time; after the first
 * call of a size they allocate nothing. On one backend a result depends on its own operands only:
 * not on what else is in the batch, not on how often the code has run. Hence no kernel uses an
 * operation whose rounding the platform leaves open, such as the Vector API's floating-point
 * reductions and its transcendental functions.
 */
@NullMarked
package dev.varve.store.kernel;

import org.jspecify.annotations.NullMarked;

/**
 * Keys and values written smaller without losing a bit: exponents apart from signs and mantissas,
 * each plane in the smallest form that {@link dev.varve.compression.entropy} has.
 */
@NullMarked
package dev.varve.compression.lossless;

import org.jspecify.annotations.NullMarked;

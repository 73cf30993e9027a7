/**
 * How a block is written smaller, and read back: {@link dev.varve.compression.BlockCodec}s made of
 * one {@link dev.varve.compression.SectionFormat} for keys and one for values.
 */
@NullMarked
package dev.varve.compression;

import org.jspecify.annotations.NullMarked;

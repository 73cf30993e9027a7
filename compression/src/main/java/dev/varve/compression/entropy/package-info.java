/**
 * Symbols of one byte written in about as many bits as their frequencies allow: static interleaved
 * rANS with tables that are stored, or come from a bank of shapes. The bytes are specified in
 * {@code docs/formats/entropy.md}.
 */
@NullMarked
package dev.varve.compression.entropy;

import org.jspecify.annotations.NullMarked;

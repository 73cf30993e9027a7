/**
 * Keys and values as a stream of symbols: quantized with one step, predicted from earlier rows, and
 * entropy-coded with a table for each channel.
 */
@NullMarked
package dev.varve.compression.bitstream;

import org.jspecify.annotations.NullMarked;

/** Formats that write what differs from a prediction made of an earlier layer. */
@NullMarked
package dev.varve.compression.predicted;

import org.jspecify.annotations.NullMarked;

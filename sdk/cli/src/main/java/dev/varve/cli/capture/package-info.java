/** Writes the keys, values and queries of a run to a file. */
@NullMarked
package dev.varve.cli.capture;

import org.jspecify.annotations.NullMarked;

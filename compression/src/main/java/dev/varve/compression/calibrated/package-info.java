/** Formats that read tables which were calibrated for a model, and what makes those tables. */
@NullMarked
package dev.varve.compression.calibrated;

import org.jspecify.annotations.NullMarked;

/** Tests of calibrated formats. */
@NullMarked
package dev.varve.compression.calibrated;

import org.jspecify.annotations.NullMarked;

/**
 * GEAR (Kang et al., 2024): a quantizer, a low-rank correction of its error, and the extreme
 * entries as they are.
 */
@NullMarked
package dev.varve.compression.gear;

import org.jspecify.annotations.NullMarked;

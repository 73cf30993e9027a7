/** The error measures, and what the codecs do to real keys and values. */
@NullMarked
package dev.varve.compression.error;

import org.jspecify.annotations.NullMarked;

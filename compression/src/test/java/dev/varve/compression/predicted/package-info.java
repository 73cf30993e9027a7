@NullMarked
package dev.varve.compression.predicted;

import org.jspecify.annotations.NullMarked;

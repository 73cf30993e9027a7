@NullMarked
package dev.varve.compression.grid;

import org.jspecify.annotations.NullMarked;

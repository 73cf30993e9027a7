/** One layout for every source file. */
@NullMarked
package dev.varve.format;

import org.jspecify.annotations.NullMarked;

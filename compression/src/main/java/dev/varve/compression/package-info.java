/** How a block is written smaller, and read back. */
@NullMarked
package dev.varve.compression;

import org.jspecify.annotations.NullMarked;

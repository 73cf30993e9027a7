/** Indices of a prefix as a file ({@code docs/formats/index.md}). */
@NullMarked
package dev.varve.attention.file;

import org.jspecify.annotations.NullMarked;

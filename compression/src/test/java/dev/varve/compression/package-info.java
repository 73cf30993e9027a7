/** What holds for every codec, and the frame they share. */
@NullMarked
package dev.varve.compression;

import org.jspecify.annotations.NullMarked;

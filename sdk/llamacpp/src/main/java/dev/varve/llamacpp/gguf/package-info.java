/** GGUF files: read and checked before a native library sees them, and written. */
@NullMarked
package dev.varve.llamacpp.gguf;

import org.jspecify.annotations.NullMarked;

/** Our quantization beside that of ggml, which is called in its own library. */
@NullMarked
package dev.varve.ggml;

import org.jspecify.annotations.NullMarked;

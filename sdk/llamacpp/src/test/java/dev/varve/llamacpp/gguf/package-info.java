@NullMarked
package dev.varve.llamacpp.gguf;

import org.jspecify.annotations.NullMarked;

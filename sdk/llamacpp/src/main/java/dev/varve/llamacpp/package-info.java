/** llama.cpp, driven from Java and cached by the SDK. */
@NullMarked
package dev.varve.llamacpp;

import org.jspecify.annotations.NullMarked;

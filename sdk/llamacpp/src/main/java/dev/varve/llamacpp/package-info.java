/** llama.cpp, an engine that others wrote, driven through the Foreign Function and Memory API. */
@NullMarked
package dev.varve.llamacpp;

import org.jspecify.annotations.NullMarked;

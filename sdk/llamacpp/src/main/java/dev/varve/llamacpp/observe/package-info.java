/** Seeing what llama.cpp attends with, and forgetting tokens inside its cache. */
@NullMarked
package dev.varve.llamacpp.observe;

import org.jspecify.annotations.NullMarked;

/** A small, complete decoder for Llama-family models whose only KV cache is the SDK. */
@NullMarked
package dev.varve.engine;

import org.jspecify.annotations.NullMarked;

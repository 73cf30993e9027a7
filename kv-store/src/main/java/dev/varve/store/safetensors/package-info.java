/** Reader and writer of safetensors files: named tensors behind a JSON header. */
@NullMarked
package dev.varve.store.safetensors;

import org.jspecify.annotations.NullMarked;

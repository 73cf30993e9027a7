/** Which blocks of keys a chunk of a prefill needs to read, for methods that skip the others. */
@NullMarked
package dev.varve.attention.prefill;

import org.jspecify.annotations.NullMarked;

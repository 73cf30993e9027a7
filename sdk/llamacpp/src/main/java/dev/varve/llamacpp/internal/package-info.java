/** The native side: the library, its functions and structs. Private to this module. */
@NullMarked
package dev.varve.llamacpp.internal;

import org.jspecify.annotations.NullMarked;

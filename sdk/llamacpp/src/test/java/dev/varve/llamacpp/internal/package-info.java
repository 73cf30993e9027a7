@NullMarked
package dev.varve.llamacpp.internal;

import org.jspecify.annotations.NullMarked;

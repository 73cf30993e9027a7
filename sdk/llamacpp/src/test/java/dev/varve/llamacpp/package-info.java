@NullMarked
package dev.varve.llamacpp;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.llama;

import org.jspecify.annotations.NullMarked;

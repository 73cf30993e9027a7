@NullMarked
package dev.varve.compression.container;

import org.jspecify.annotations.NullMarked;

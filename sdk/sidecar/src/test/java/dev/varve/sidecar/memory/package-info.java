@NullMarked
package dev.varve.sidecar.memory;

import org.jspecify.annotations.NullMarked;

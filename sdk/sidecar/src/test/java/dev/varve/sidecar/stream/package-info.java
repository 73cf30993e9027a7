@NullMarked
package dev.varve.sidecar.stream;

import org.jspecify.annotations.NullMarked;

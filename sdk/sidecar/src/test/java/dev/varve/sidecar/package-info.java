@NullMarked
package dev.varve.sidecar;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.sidecar.access;

import org.jspecify.annotations.NullMarked;

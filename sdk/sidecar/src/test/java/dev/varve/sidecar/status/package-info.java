@NullMarked
package dev.varve.sidecar.status;

import org.jspecify.annotations.NullMarked;

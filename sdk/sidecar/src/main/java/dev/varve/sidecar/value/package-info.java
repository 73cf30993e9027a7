/** Where values are kept: what the commands need of a store. */
@NullMarked
package dev.varve.sidecar.value;

import org.jspecify.annotations.NullMarked;

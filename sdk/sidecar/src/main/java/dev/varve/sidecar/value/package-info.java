/** Values on their way between the store and the network. */
@NullMarked
package dev.varve.sidecar.value;

import org.jspecify.annotations.NullMarked;

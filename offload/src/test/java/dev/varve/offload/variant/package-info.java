@NullMarked
package dev.varve.offload.variant;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.offload.object;

import org.jspecify.annotations.NullMarked;

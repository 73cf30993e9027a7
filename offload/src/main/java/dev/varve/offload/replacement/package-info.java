/** Which chunk leaves a tier that is full: one small class for each policy. */
@NullMarked
package dev.varve.offload.replacement;

import org.jspecify.annotations.NullMarked;

/** Attention over blocks below HOT: where they lie, or brought up first. */
@NullMarked
package dev.varve.sdk.internal.far;

import org.jspecify.annotations.NullMarked;

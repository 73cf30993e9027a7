/** Attention where the keys and values lie, for who brings queries and takes partial results. */
@NullMarked
package dev.varve.sdk.attention;

import org.jspecify.annotations.NullMarked;

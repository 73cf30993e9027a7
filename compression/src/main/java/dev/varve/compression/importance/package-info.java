/** More bits for the tokens that attention rests on. */
@NullMarked
package dev.varve.compression.importance;

import org.jspecify.annotations.NullMarked;

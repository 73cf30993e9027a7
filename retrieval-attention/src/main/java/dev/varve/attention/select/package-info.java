/** Chooses the tokens that a step reads: first tokens, what an index picks, newest tokens. */
@NullMarked
package dev.varve.attention.select;

import org.jspecify.annotations.NullMarked;

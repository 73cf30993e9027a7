/** What is read at a step, and reading it: attention over blocks, in parts that merge exactly. */
@NullMarked
package dev.varve.attention;

import org.jspecify.annotations.NullMarked;

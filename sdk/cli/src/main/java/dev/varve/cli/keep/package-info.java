/** Forgetting offline: reads stored keys and values, writes what a policy keeps of them. */
@NullMarked
package dev.varve.cli.keep;

import org.jspecify.annotations.NullMarked;

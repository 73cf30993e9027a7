/** Commands for what Redis has no word for: the keys and values of a model. */
@NullMarked
package dev.varve.sidecar.command.kv;

import org.jspecify.annotations.NullMarked;

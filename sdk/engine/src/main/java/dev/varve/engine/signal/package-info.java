/** Passes through a model that serve the policies of sessions; an engine does without them. */
@NullMarked
package dev.varve.engine.signal;

import org.jspecify.annotations.NullMarked;

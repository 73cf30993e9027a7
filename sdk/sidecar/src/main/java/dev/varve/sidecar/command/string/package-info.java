/** Commands on values. */
@NullMarked
package dev.varve.sidecar.command.string;

import org.jspecify.annotations.NullMarked;

/** The commands, one class each: options, and what they call. */
@NullMarked
package dev.varve.cli.command;

import org.jspecify.annotations.NullMarked;

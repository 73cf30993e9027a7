/** What clients may ask for: one class a command. */
@NullMarked
package dev.varve.sidecar.command;

import org.jspecify.annotations.NullMarked;

/** The settings of the server: what there is, where it is read from, and what it becomes. */
@NullMarked
package dev.varve.cli.serve;

import org.jspecify.annotations.NullMarked;

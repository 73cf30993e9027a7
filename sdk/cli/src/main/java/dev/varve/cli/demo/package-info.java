/** The demo: one prompt, two processes, one store. */
@NullMarked
package dev.varve.cli.demo;

import org.jspecify.annotations.NullMarked;

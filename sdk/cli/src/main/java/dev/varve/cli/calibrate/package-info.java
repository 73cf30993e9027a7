/** What is measured once for a model, before it is used. */
@NullMarked
package dev.varve.cli.calibrate;

import org.jspecify.annotations.NullMarked;

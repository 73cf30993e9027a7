/** What commands need around their work: models, child processes, clean-up. */
@NullMarked
package dev.varve.cli.run;

import org.jspecify.annotations.NullMarked;

/** What forgetting or reading less costs a real model: loss, needles, attention error, bytes. */
@NullMarked
package dev.varve.cli.eval;

import org.jspecify.annotations.NullMarked;

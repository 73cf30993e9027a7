/** Rates beside a probe of the physical limit, measured in the same run. */
@NullMarked
package dev.varve.cli.bench;

import org.jspecify.annotations.NullMarked;

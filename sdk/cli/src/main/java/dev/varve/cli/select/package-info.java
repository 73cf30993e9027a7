/** Runs retrieval policies over the keys and queries of a capture. */
@NullMarked
package dev.varve.cli.select;

import org.jspecify.annotations.NullMarked;

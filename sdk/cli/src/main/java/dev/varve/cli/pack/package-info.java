/** Writing keys and values small, and reading them back: what the offline commands do. */
@NullMarked
package dev.varve.cli.pack;

import org.jspecify.annotations.NullMarked;

/** Numbers, sizes and tables as people read them. */
@NullMarked
package dev.varve.cli.text;

import org.jspecify.annotations.NullMarked;

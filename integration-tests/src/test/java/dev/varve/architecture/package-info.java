/** The rules of the house, read from its class files and from its source files. */
@NullMarked
package dev.varve.architecture;

import org.jspecify.annotations.NullMarked;

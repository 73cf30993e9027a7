/** The launcher script and the JVM flags that it passes. */
@NullMarked
package dev.varve.launcher;

import org.jspecify.annotations.NullMarked;

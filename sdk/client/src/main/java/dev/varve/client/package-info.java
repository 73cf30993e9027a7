/** The remote cache for engines on the JVM. */
@NullMarked
package dev.varve.client;

import org.jspecify.annotations.NullMarked;

/** How a session reads a part of what it holds: {@code docs/reading.md}. */
@NullMarked
package dev.varve.sdk.reading;

import org.jspecify.annotations.NullMarked;

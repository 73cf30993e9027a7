/** Sessions that read selections: their indices, the rows they bring up, and what is counted. */
@NullMarked
package dev.varve.sdk.internal.reading;

import org.jspecify.annotations.NullMarked;

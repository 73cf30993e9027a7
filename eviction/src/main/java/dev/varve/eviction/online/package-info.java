/** What leaves the rows of a head while an answer is decoded, one row for each new one. */
@NullMarked
package dev.varve.eviction.online;

import org.jspecify.annotations.NullMarked;

/** Which tokens a session forgets, decided per KV head. */
@NullMarked
package dev.varve.eviction;

import org.jspecify.annotations.NullMarked;

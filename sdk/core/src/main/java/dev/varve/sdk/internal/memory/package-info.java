/** Rows that belong to one session: what compaction left, ragged per KV head. */
@NullMarked
package dev.varve.sdk.internal.memory;

import org.jspecify.annotations.NullMarked;

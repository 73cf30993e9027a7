/**
 * The names that other engines give to the same tokens, computed from token ids, and the index from
 * those names to our chunks.
 */
@NullMarked
package dev.varve.store.alias;

import org.jspecify.annotations.NullMarked;

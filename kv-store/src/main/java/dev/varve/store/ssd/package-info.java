/**
 * The SSD tier: payloads in recycled segment files that describe themselves, and an LMDB index from
 * keys to places in them. Formats: {@code docs/formats/block.md}.
 */
@NullMarked
package dev.varve.store.ssd;

import org.jspecify.annotations.NullMarked;

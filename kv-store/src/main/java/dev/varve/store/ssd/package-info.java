/**
 * The SSD tier: payloads in append-only segment files that describe themselves, and an LMDB index
 * from keys to places in them. Formats: {@code docs/formats/block.md}.
 */
@NullMarked
package dev.varve.store.ssd;

import org.jspecify.annotations.NullMarked;

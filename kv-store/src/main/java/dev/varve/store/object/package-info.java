/**
 * Opaque objects: bytes by name, of any length, for callers that know nothing of keys and values.
 * What they are made of lies in the same tiers as blocks. This package is the contract.
 */
@NullMarked
package dev.varve.store.object;

import org.jspecify.annotations.NullMarked;

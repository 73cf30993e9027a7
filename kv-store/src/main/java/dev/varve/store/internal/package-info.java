/** What the tiers of this module share; nobody outside it. */
@NullMarked
package dev.varve.store.internal;

import org.jspecify.annotations.NullMarked;

/** What the tests of the module's inner classes need. */
@NullMarked
package dev.varve.store.internal;

import org.jspecify.annotations.NullMarked;

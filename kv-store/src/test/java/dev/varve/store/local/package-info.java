@NullMarked
package dev.varve.store.local;

import org.jspecify.annotations.NullMarked;

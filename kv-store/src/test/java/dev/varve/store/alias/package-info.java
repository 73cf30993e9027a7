@NullMarked
package dev.varve.store.alias;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.store.host;

import org.jspecify.annotations.NullMarked;

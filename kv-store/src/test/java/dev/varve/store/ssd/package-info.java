@NullMarked
package dev.varve.store.ssd;

import org.jspecify.annotations.NullMarked;

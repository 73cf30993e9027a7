@NullMarked
package dev.varve.store.cuda;

import org.jspecify.annotations.NullMarked;

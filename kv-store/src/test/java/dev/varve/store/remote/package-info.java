@NullMarked
package dev.varve.store.remote;

import org.jspecify.annotations.NullMarked;

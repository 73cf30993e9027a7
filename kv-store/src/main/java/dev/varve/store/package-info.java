/**
 * The ground of the house: what a block of keys and values is, how it is named, and where it lives.
 */
@NullMarked
package dev.varve.store;

import org.jspecify.annotations.NullMarked;

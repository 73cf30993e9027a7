/** The text form that policies of several rooms share: {@code name(option=value,...)}. */
@NullMarked
package dev.varve.store.text;

import org.jspecify.annotations.NullMarked;

/** What the documents show must be true of the code. */
@NullMarked
package dev.varve.docs;

import org.jspecify.annotations.NullMarked;

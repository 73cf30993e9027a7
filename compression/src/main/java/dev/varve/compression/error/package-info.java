/** What a codec does to attention: the measure that counts, beside plain error. */
@NullMarked
package dev.varve.compression.error;

import org.jspecify.annotations.NullMarked;

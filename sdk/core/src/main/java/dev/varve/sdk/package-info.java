/** The cache an inference engine embeds: sessions, steps, prefix matches. */
@NullMarked
package dev.varve.sdk;

import org.jspecify.annotations.NullMarked;

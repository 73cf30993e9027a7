/** What requests came to, for those who count, log and draw it. */
@NullMarked
package dev.varve.sidecar.observe;

import org.jspecify.annotations.NullMarked;

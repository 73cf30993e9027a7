/** Which tests a build left out, and why: no test is skipped in silence. */
@NullMarked
package dev.varve.skips;

import org.jspecify.annotations.NullMarked;

/** What a session forgets: who decides it, what he is shown, and what he answers. */
@NullMarked
package dev.varve.sdk.forgetting;

import org.jspecify.annotations.NullMarked;

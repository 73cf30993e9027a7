@NullMarked
package dev.varve.sdk.wire;

import org.jspecify.annotations.NullMarked;

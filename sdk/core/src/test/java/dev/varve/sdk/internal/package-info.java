@NullMarked
package dev.varve.sdk.internal;

import org.jspecify.annotations.NullMarked;

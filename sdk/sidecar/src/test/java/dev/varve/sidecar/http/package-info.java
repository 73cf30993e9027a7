@NullMarked
package dev.varve.sidecar.http;

import org.jspecify.annotations.NullMarked;

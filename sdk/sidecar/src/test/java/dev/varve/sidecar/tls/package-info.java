@NullMarked
package dev.varve.sidecar.tls;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.sidecar.resp;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.sidecar.handover;

import org.jspecify.annotations.NullMarked;

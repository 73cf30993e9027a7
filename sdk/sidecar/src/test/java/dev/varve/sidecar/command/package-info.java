@NullMarked
package dev.varve.sidecar.command;

import org.jspecify.annotations.NullMarked;

@NullMarked
package dev.varve.sidecar.lmcache;

import org.jspecify.annotations.NullMarked;

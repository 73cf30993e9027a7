/** The keys of LMCache and what they ask of a server. */
@NullMarked
package dev.varve.sidecar.lmcache;

import org.jspecify.annotations.NullMarked;

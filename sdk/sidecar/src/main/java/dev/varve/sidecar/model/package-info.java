/** The models whose blocks a server keeps, and what clients call a context of theirs. */
@NullMarked
package dev.varve.sidecar.model;

import org.jspecify.annotations.NullMarked;

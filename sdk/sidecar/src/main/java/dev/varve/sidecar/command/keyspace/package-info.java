/** Commands on keys, whatever their values. */
@NullMarked
package dev.varve.sidecar.command.keyspace;

import org.jspecify.annotations.NullMarked;

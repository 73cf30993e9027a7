/** The KV cache of a server, for engines on the JVM: blocks come over the network. */
@NullMarked
package dev.varve.client;

import org.jspecify.annotations.NullMarked;

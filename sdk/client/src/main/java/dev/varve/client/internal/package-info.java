/** Connections, replies and deadlines of the client. */
@NullMarked
package dev.varve.client.internal;

import org.jspecify.annotations.NullMarked;

/** Sockets and memory that processes of one machine share; Linux only. */
@NullMarked
package dev.varve.store.local;

import org.jspecify.annotations.NullMarked;

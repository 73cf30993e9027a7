/** The REMOTE tier: blocks and objects in a Valkey or Redis that several processes share. */
@NullMarked
package dev.varve.store.remote;

import org.jspecify.annotations.NullMarked;

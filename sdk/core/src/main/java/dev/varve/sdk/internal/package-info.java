/** What sessions are made of; private to this module. */
@NullMarked
package dev.varve.sdk.internal;

import org.jspecify.annotations.NullMarked;

/** The client and the server of models together, over links that are slow, cut or damaged. */
@NullMarked
package dev.varve.remote;

import org.jspecify.annotations.NullMarked;

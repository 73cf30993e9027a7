/** What the commands do with llama.cpp. */
@NullMarked
package dev.varve.cli.llama;

import org.jspecify.annotations.NullMarked;

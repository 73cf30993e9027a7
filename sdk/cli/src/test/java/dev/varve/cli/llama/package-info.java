@NullMarked
package dev.varve.cli.llama;

import org.jspecify.annotations.NullMarked;

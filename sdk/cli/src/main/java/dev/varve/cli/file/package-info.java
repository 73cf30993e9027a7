/**
 * Files that hold keys and values, whoever wrote them. A kind of file is a reader that finds out
 * where the rows of every layer lie; all other bytes are kept as they are, so that a file can be
 * put together again to the byte.
 */
@NullMarked
package dev.varve.cli.file;

import org.jspecify.annotations.NullMarked;

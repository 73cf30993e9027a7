package dev.varve.cli.file;

import java.io.IOException;
import java.lang.foreign.Arena;

/** A kind of file that holds keys and values. */
interface FileKind {

  /** The name in options and reports. */
  String name();

  /** Whether the bytes, or where there is no mark in them the name, are of this kind. */
  boolean recognises(ForeignFile file);

  /**
   * Reads where keys and values lie.
   *
   * @param arena owns the mapping of {@code file}; the source closes it
   */
  KvSource open(ForeignFile file, KindOptions options, Arena arena) throws IOException;

  /**
   * A new file of this kind for keys and values that come from elsewhere.
   *
   * @throws dev.varve.cli.CommandFailure if there is none, with the reason
   */
  NewFile plan(KvDescription description, KindOptions options);
}

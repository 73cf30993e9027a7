package dev.varve.compression.container;

/** What a writer does where the target is there already. */
public enum Existing {
  /** It writes nothing. */
  REFUSE,
  /** It replaces the file, at the moment its own is whole. */
  REPLACE
}

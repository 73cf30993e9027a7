package dev.varve.llamacpp;

/** Of which tokens of a prompt the logits are wanted. */
public enum Wanted {
  /** Of none. */
  NONE,
  /** Of the last. */
  LAST,
  /** Of all, one row after the other. */
  ALL
}

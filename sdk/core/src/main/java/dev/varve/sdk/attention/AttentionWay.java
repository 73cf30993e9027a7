package dev.varve.sdk.attention;

/** How attention reads a block that is not hot. */
public enum AttentionWay {
  /** The block is copied to a slot of hot memory, decoded where it is encoded, and read there. */
  BRING_UP,
  /** The block is read where it lies, head by head where it is encoded. */
  IN_PLACE
}

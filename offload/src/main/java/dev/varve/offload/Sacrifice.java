package dev.varve.offload;

/** What may be given up to make room, where no claim forbids it. */
enum Sacrifice {
  /** No block: it leaves only what another tier holds. */
  NOTHING,
  /** Blocks that no tier has room for; those that wait for a tier stay. */
  UNPLACED,
  /** Blocks that wait for a tier as well: the last resort of a step that needs a slot. */
  WAITING
}

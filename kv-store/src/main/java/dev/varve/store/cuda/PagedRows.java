package dev.varve.store.cuda;

import dev.varve.store.Checks;

/**
 * Keys and values of sequences that lie in blocks, in the layout of {@link
 * dev.varve.store.BlockGeometry}. All addresses are of the device.
 *
 * @param blocks the address of each block, {@code u64}, sequence after sequence
 * @param firstBlock for each sequence the number of its first block, {@code u32}
 * @param tokens for each sequence how many tokens it has, {@code u32}
 * @param sequences how many there are
 */
public record PagedRows(long blocks, long firstBlock, long tokens, int sequences) {
  public PagedRows {
    Checks.inRange(sequences, 1, 65535, "sequences");
  }
}

package dev.varve.compression.container;

/**
 * A block in a container.
 *
 * @param offset where its record begins in the file
 * @param bytes length of its payload
 * @param crc CRC32C of its payload
 */
public record BlockEntry(BlockInfo info, long offset, long bytes, int crc) {

  public BlockAddress address() {
    return info.address();
  }
}

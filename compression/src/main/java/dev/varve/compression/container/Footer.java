package dev.varve.compression.container;

/**
 * The end of a file.
 *
 * @param indexOffset where the index begins
 * @param entries entries of the index
 * @param indexCrc CRC32C of the index
 * @param headerCrc the checksum in the file's header: that both are of one file
 * @param fileBytes length of the whole file
 */
record Footer(long indexOffset, long entries, int indexCrc, int headerCrc, long fileBytes) {}

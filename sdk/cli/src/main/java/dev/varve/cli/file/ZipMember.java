package dev.varve.cli.file;

import java.util.List;

/**
 * A member of a zip archive.
 *
 * @param name its name
 * @param data its bytes in the archive, as they are written there
 * @param size its bytes
 * @param plain whether they are written as they are, with the checksum in front
 * @param sums where its checksum stands
 */
record ZipMember(String name, Extent data, long size, boolean plain, List<Long> sums) {}

package dev.varve.cli.llama;

import java.util.List;

/**
 * A folder of slot files and what was done to it.
 *
 * @param folder the folder
 * @param budget bytes that packed files may take
 * @param bytes that they take now
 * @param rawBytes bytes of the files that they stand for
 * @param files packed files, latest used first
 * @param packed names that were packed now
 * @param restored names that were written back now
 * @param evicted names that are gone for the budget
 * @param left names of files that are no slot files of a known form, and were left alone
 */
public record SlotReport(
    String folder,
    long budget,
    long bytes,
    long rawBytes,
    List<Packed> files,
    List<String> packed,
    List<String> restored,
    List<String> evicted,
    List<String> left) {

  public SlotReport {
    files = List.copyOf(files);
    packed = List.copyOf(packed);
    restored = List.copyOf(restored);
    evicted = List.copyOf(evicted);
    left = List.copyOf(left);
  }

  /**
   * A packed file.
   *
   * @param name of the file
   * @param tokens it holds
   * @param rawBytes of the file
   * @param chunks it consists of
   * @param sharedChunks of these that other files hold too
   */
  public record Packed(String name, int tokens, long rawBytes, int chunks, int sharedChunks) {}
}

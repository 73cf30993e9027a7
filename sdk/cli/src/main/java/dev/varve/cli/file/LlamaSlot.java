package dev.varve.cli.file;

import dev.varve.store.Dtype;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Optional;

/**
 * A file of one sequence as llama.cpp and its server save it, of a known form to the last byte.
 *
 * @param file the mapped file
 * @param cells tokens
 * @param sections keys of all layers, then values of all layers
 */
public record LlamaSlot(ForeignFile file, int cells, List<Rows> sections) {

  public LlamaSlot {
    sections = List.copyOf(sections);
  }

  /**
   * Keys or values of one layer.
   *
   * @param dtype of the elements; empty for numbers in blocks with a scale
   * @param offset in the file
   * @param rowBytes bytes of one token
   * @param byChannel whether the tokens of one channel follow each other, and not the channels of
   *     one token
   */
  public record Rows(Optional<Dtype> dtype, long offset, long rowBytes, boolean byChannel) {}

  /**
   * Reads a file.
   *
   * @return empty if it is no such file
   * @throws dev.varve.cli.CommandFailure if it is one and truncated
   */
  public static Optional<LlamaSlot> read(ForeignFile file) {
    return LlamaKind.slot(file);
  }

  /** All bytes of the file. */
  public MemorySegment bytes() {
    return file.slice(0, file.size(), "the file");
  }
}

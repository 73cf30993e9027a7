package dev.varve.cli.file;

import dev.varve.compression.Section;

/**
 * Where the keys or the values of one layer lie in a file: element {@code j} of token {@code t} in
 * head {@code h} at {@code offset + h * headStride + t * tokenStride + j * elementStride}, all in
 * bytes.
 */
public record SectionPlace(
    int layer,
    Section section,
    long offset,
    long headStride,
    long tokenStride,
    long elementStride) {

  /** {@code [heads][tokens][dim]} without gaps. */
  static SectionPlace dense(
      int layer, Section section, long offset, int tokens, int dim, int elementBytes) {
    long row = (long) dim * elementBytes;
    return new SectionPlace(layer, section, offset, tokens * row, row, elementBytes);
  }
}

package dev.varve.cli.file;

import dev.varve.store.Dtype;

/**
 * Where the queries of one layer lie in a file: {@code [heads][count][dim]} without gaps.
 *
 * @param layer the layer
 * @param offset first byte
 * @param heads query heads
 * @param count positions
 * @param dim elements of a query
 * @param first position of the first of them
 * @param dtype element type
 */
public record QueryPlace(
    int layer, long offset, int heads, int count, int dim, int first, Dtype dtype) {

  /** Bytes of all of them. */
  public long bytes() {
    return (long) heads * count * dim * dtype.bytes();
  }
}

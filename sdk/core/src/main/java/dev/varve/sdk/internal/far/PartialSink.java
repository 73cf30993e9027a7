package dev.varve.sdk.internal.far;

import dev.varve.attention.Partial;
import dev.varve.sdk.attention.PartialRequest;
import dev.varve.store.BlockGeometry;
import dev.varve.store.LayerShape;

/** Attends the queries of a request to one block after the other, in ascending order. */
interface PartialSink extends BlockSink {

  /**
   * Begins a request.
   *
   * @param seesAll the layer without its window
   * @param block where keys and values lie in a block
   * @param asked the queries
   * @param last position of the last token of the chunks
   */
  void start(
      LayerShape seesAll, BlockGeometry block, PartialRequest request, float[] asked, int last);

  /** Whether the request reads any row of the block at {@code firstToken}. */
  boolean wants(int firstToken);

  /** The next block begins at {@code firstToken}. */
  void next(int firstToken);

  /** Writes the result. */
  void finish(Partial target);
}

package dev.varve.cli.run;

import dev.varve.store.ModelGeometry;

/** How large a hot tier must be. */
public final class HotSize {

  private static final int PAGE = 4096;

  private HotSize() {}

  /**
   * Bytes that hold {@code tokens} tokens of one session, with two more spans of growing blocks and
   * a slot for blocks that come from below.
   */
  public static long of(ModelGeometry geometry, int tokens) {
    long spans = Math.ceilDiv(tokens, geometry.blockTokens()) + 2L;
    long slots = spans * geometry.owningLayers() + 1;
    return slots * Math.ceilDiv(geometry.largestBlock(), PAGE) * PAGE;
  }
}

package dev.varve.offload.replay;

import dev.varve.offload.replacement.Visit;

/** A cache as a replay sees it. */
interface CacheModel {

  /** A request begins. */
  void begin(TraceRequest request);

  /**
   * Asks for the next chunk of the request, and enters it where it may be; true if it was there.
   */
  boolean visit(Visit visit);
}

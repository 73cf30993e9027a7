package dev.varve.offload.replay;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Requests in the order of their arrival.
 *
 * @param requests the requests
 * @param chunkTokens tokens of a whole chunk
 */
public record Trace(List<TraceRequest> requests, int chunkTokens) {

  public Trace {
    requests = List.copyOf(requests);
  }

  /** References to chunks, repeated ones included. */
  public long references() {
    return requests.stream().mapToLong(TraceRequest::length).sum();
  }

  /** Chunks that are different. */
  public int distinct() {
    Set<Long> seen = new HashSet<>();
    for (TraceRequest request : requests) {
      for (int i = 0; i < request.length(); i++) {
        seen.add(request.chunk(i));
      }
    }
    return seen.size();
  }

  /** Tokens of the prompt that fall into its chunk {@code index}. */
  int tokens(TraceRequest request, int index) {
    return Math.clamp(request.tokens() - (long) index * chunkTokens, 0, chunkTokens);
  }
}

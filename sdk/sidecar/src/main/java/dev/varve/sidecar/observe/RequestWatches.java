package dev.varve.sidecar.observe;

import java.util.List;

/** Several who listen. */
public record RequestWatches(List<RequestWatch> watches) implements RequestWatch {

  public RequestWatches {
    watches = List.copyOf(watches);
  }

  @Override
  public void ran(Observed observed) {
    for (RequestWatch watch : watches) {
      watch.ran(observed);
    }
  }
}
